import { z } from 'zod';
import { timePoint } from './data-definition.ts';
import { duration } from './duration.ts';
import { httpUrl } from './http-url.ts';
import { windowName } from './identifiers.ts';
import { direction, metricName, modelOutput } from './metric.ts';
import { reasonerName } from './reasoner-settings.ts';
import { dockerSettings, processSettings, type TrainerName, trainerName } from './trainer-settings.ts';

/** The parts of a definition that say what is done with the rows. The descriptions are the reference page's. */

const fraction = z.number().gt(0).lt(1);

export const driftSettings = z
  .strictObject({
    share_threshold: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe(
        'The dataset drifts when more than this share of the compared columns drifted; default `DRIFT_FEATURE_THRESHOLD`',
      ),
    alpha: fraction
      .default(0.05)
      .describe("False discovery rate of Benjamini–Hochberg over the report's tests"),
    bins: z.int().min(2).max(100).default(10).describe('Quantile bins of PSI and JS'),
    minimum_rows: z
      .int()
      .min(2)
      .default(30)
      .describe('Fewer values than this on either side: `insufficient_data`'),
  })
  .describe('When a window counts as drifted');

/** @param retrain may hold anything where other fields are wrong: those have problems of their own */
function namesWhatToRun(retrain: { readonly trainer: TrainerName; readonly command: readonly string[] }) {
  const { trainer, command } = retrain;
  return trainer === 'airflow' || !Array.isArray(command) || command.length > 0;
}

export const retrainSettings = z
  .strictObject({
    trainer: trainerName.default('process').describe('What runs the training; see [training](training.md)'),
    command: z
      .array(z.string().min(1))
      .default([])
      .describe(
        "Program and arguments, run without a shell; `{python}` stands for the project's Python (in a container for its own). Needed, but for `airflow`, where the DAG says it",
      ),
    process: processSettings.optional(),
    docker: dockerSettings.prefault({}),
    working_directory: z.string().default('.').describe('Relative to `base_dir`'),
    environment: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
      .default({})
      .describe('Variables of the training; they are stored with the definition, so no secrets'),
    timeout: duration
      .prefault('1h')
      .describe('A training that runs longer is stopped; time in which the machine slept does not count'),
    stuck_after: duration
      .prefault('15m')
      .describe(
        'No new output for this long, while the machine was awake: the training is stuck, not slow, and is stopped',
      ),
    max_attempts: z.int().min(1).max(10).default(2).describe('Attempts of one training, the first included'),
    cool_down: duration.prefault('24h').describe('After a training, none of the same model for this long'),
    rule: z
      .enum(['dataset_drift', 'urgency_soon', 'never'])
      .default('dataset_drift')
      .describe(
        'What demands a retraining: the dataset drifted; or already an urgency of `soon`; or nothing',
      ),
    feature_subset: z.array(z.string()).min(1).optional().describe('Columns the training shall keep to'),
    class_weights: z
      .record(z.string(), z.number().positive())
      .optional()
      .describe('Weights of classes, by label'),
    seed: z.int().min(0).max(2_147_483_647).default(42).describe('Seed the training is asked to use'),
    notes: z.string().max(4000).default('').describe('Passed on to the training'),
    hyperparameters: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .describe('Passed on to the training'),
    export_data: z
      .boolean()
      .default(false)
      .describe(
        "Write the training window's rows to a Parquet file and name it in the request (always so for `synthetic`)",
      ),
  })
  .refine(namesWhatToRun, {
    path: ['command'],
    error: 'is missing: it is the program that trains; only the trainer airflow goes without',
    // Said beside the other mistakes of a file, not after they are mended.
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .describe('How a model is trained anew; see [training](training.md)');

export const evaluateSettings = z
  .strictObject({
    primary_metric: metricName.describe('The metric a challenger has to win by; one that the task has'),
    direction: direction
      .optional()
      .describe('In which the primary metric gets better; where it is said, it must be the true one'),
    min_improvement: z
      .number()
      .min(0)
      .optional()
      .describe(
        'What the challenger must gain in the primary metric, in its better direction; default `EVAL_MIN_IMPROVEMENT`',
      ),
    split: z
      .union([
        z.strictObject({ at: timePoint.describe('An instant inside the window') }),
        z.strictObject({ fraction: fraction.describe("Share of the window's length that lies before it") }),
      ])
      .prefault({ fraction: 0.75 })
      .describe(
        'Training may use what lies before it in the current window, evaluation only what lies after',
      ),
    minimum_rows: z.int().min(2).default(200).describe('Labelled held-out rows a comparison needs'),
    confidence: z
      .number()
      .gt(0.5)
      .lt(1)
      .default(0.95)
      .describe("Of the improvement's interval, and of a first champion's skill"),
    bootstrap_resamples: z
      .int()
      .min(100)
      .max(100_000)
      .default(1000)
      .describe("Resamples of that interval, and shuffles of a first champion's predictions"),
    guardrails: z
      .array(
        z.strictObject({
          metric: metricName.describe('A metric that the task has'),
          max_degradation: z.number().min(0).describe('How much worse it may get'),
        }),
      )
      .default([])
      .describe('Other metrics that may not get worse by more than `max_degradation`'),
    output: modelOutput
      .optional()
      .describe(
        'What the scorer takes from the model: the probability of the positive class or the label (binary), the label ' +
          '(multiclass), the value (regression); told from the task where it is left out',
      ),
    positive_class: z
      .union([z.string(), z.number(), z.boolean()])
      .default(1)
      .describe("The target's value that counts as positive (binary tasks)"),
    decision_threshold: fraction.default(0.5).describe('Probability from which a row counts as positive'),
    labels_deadline: duration
      .prefault('0s')
      .describe(
        'How long to wait for labels of the held-out rows until `minimum_rows` have one; see [evaluation](evaluation.md)',
      ),
    timeout: duration.prefault('30m').describe('Of scoring one model, and of downloading it'),
  })
  .describe('How challenger and champion are compared; see [evaluation](evaluation.md)');

export const approvalSettings = z
  .strictObject({
    required: z
      .enum(['always', 'when_inconclusive', 'never'])
      .default('always')
      .describe(
        '`always`: people decide; `when_inconclusive`: only where gates leave it open; `never`: gates alone ' +
          '(inconclusive keeps the champion)',
      ),
    deadline: duration.prefault('72h').describe('Without a decision by then the champion stays'),
    reminder: duration.prefault('24h').describe('Remind after this long, once'),
    authenticated: z
      .boolean()
      .default(false)
      .describe('Only approvers known by an API key count; signals do not'),
  })
  .describe('Who decides about a promotion');

export const scheduleSettings = z
  .strictObject({
    cron: z.string().describe('Five fields, as in crontab(5): `0 6 * * 1` is Mondays at six'),
    timezone: z.string().default('UTC').describe('Of the IANA database, such as `Europe/Berlin`'),
    overlap: z
      .enum(['allow_all', 'skip', 'buffer_one'])
      .default('allow_all')
      .describe('When a run is due while the one before is under way'),
    catch_up: duration
      .prefault('1h')
      .describe('Runs missed while Temporal was down are made up for, this far back'),
    dry_run: z.boolean().default(false).describe('Measure and say what would be done, and change nothing'),
    window: windowName.prefault('current').describe('The window under watch'),
    paused: z
      .boolean()
      .default(false)
      .describe(
        'Keep the Schedule, and start nothing by it; one that a person paused in Temporal stays so until they unpause it',
      ),
  })
  .describe('When runs start by themselves');

export const reasonerChoice = z
  .strictObject({
    provider: reasonerName.optional().describe('`policy`, `anthropic` or `openai`; default `LLM_PROVIDER`'),
    model_id: z.string().min(1).max(200).optional().describe('Default `LLM_MODEL_ID`'),
    base_url: httpUrl
      .optional()
      .describe("One of the environment's own addresses, or of `LLM_BASE_URLS_ALLOWED`"),
    max_turns: z.int().min(1).max(50).optional().describe('Default `AGENT_MAX_TURNS`'),
    token_budget: z.int().min(1000).optional().describe('Default `TOKEN_BUDGET`'),
    cost_budget: z.number().min(0).optional().describe('US dollars a run; default `COST_BUDGET_USD`'),
  })
  .describe('Who reasons about this model, and what it may spend');
