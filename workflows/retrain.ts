import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { RetrainResult, RunContext } from '@watchtower/activities';
import {
  type AttemptResult,
  type Failure,
  type Instant,
  milliseconds,
  type TimeWindow,
  type TrainingPlan,
  type TrainingRequest,
  trainingIdOf,
} from '@watchtower/contracts';
import { mlflow, opening, runs, training } from './activities.ts';
import { failureOf } from './failure-of.ts';
import { LeaseHolder } from './lease-holder.ts';
import { Pen, type PenState } from './pen.ts';

export interface RetrainInput {
  readonly context: RunContext;
  readonly plan: TrainingPlan;
  /** All that training may use: everything before the split. */
  readonly data_window: TimeWindow;
  readonly pen: PenState;
}

/**
 * One retraining: lease, MLflow run, attempts one after the other until one leaves a result, adoption, registration. What
 * became of it is its result, and it comes back with the pen. A second execution gives the result of the first, where
 * that had settled one.
 */
export async function retrain(input: RetrainInput): Promise<RetrainResult & { readonly pen: PenState }> {
  const { context } = input;
  const pen = new Pen(context.run_id, input.pen);
  const lease = new LeaseHolder(context.model, 'retrain', context.run_id);
  let coolDownUntil: Instant | null = null;
  try {
    const result =
      (await settledEarlier(context)) ?? (await takeLease(lease, pen)) ?? (await train(input, pen));
    if (result.status === 'succeeded') coolDownUntil = coolDownEnd(context);
    return { ...result, pen: pen.state };
  } catch (error) {
    // Before the training was opened: nothing is left of it but the lease.
    return { ...broken(error), pen: pen.state };
  } finally {
    await lease.release(coolDownUntil);
  }
}

/** An earlier refusal settles nothing: the lease may be free by now. */
async function settledEarlier({ run_id }: RunContext): Promise<RetrainResult | null> {
  const earlier = await runs.readTraining.executeWithOptions(
    { summary: 'Look whether this run has trained already' },
    [{ run_id }],
  );
  return earlier?.status === 'refused' ? null : earlier;
}

async function takeLease(
  lease: LeaseHolder,
  pen: Pen,
): Promise<Extract<RetrainResult, { status: 'refused' }> | null> {
  const answer = await lease.acquire();
  if (answer.status === 'granted') {
    await pen.write([
      { kind: 'status', name: 'training_leased', message: 'This run alone may retrain the model now.' },
    ]);
    return null;
  }
  const detail =
    answer.status === 'busy'
      ? `Run ${answer.held_by.run_id} holds the ${answer.held_by.purpose} lease since ${answer.held_by.since}.`
      : `The model was retrained lately; the next training may follow after ${answer.until}.`;
  const reason = answer.status === 'busy' ? 'busy' : 'cooling_down';
  await pen.write([
    {
      kind: 'status',
      name: 'training_refused',
      message: `No retraining: ${detail}`,
      payload: { ...answer, reason, detail },
    },
  ]);
  return { status: 'refused', reason, detail };
}

async function train({ context, plan, data_window }: RetrainInput, pen: Pen): Promise<RetrainResult> {
  const training_id = trainingIdOf(context.run_id);
  const opened = await opening.openTraining.executeWithOptions(
    { summary: `Open the MLflow run of ${training_id}` },
    [{ context, training_id, plan, data_window }],
  );
  try {
    const { mlflow_run_id } = opened.request;
    await pen.write(
      [
        {
          kind: 'intent',
          name: 'training_intended',
          message: `Train on data from ${data_window.from.slice(0, 10)} to ${data_window.to.slice(0, 10)} with the ${context.definition.retrain.trainer} trainer.`,
          payload: { request: opened.request, mlflow_url: opened.mlflow_url },
        },
      ],
      { training: { status: 'opened' } },
    );
    const attempt = await attempts(context, opened.request, pen);
    if (attempt.status !== 'succeeded')
      return await fail(opened.request, context, pen, failureOfAttempt(attempt));

    const result = await mlflow.collectTraining.executeWithOptions(
      { summary: `Adopt attempt ${attempt.attempt}` },
      [{ training_id, attempt: attempt.attempt, mlflow_run_id }],
    );
    const { registered_model } = context.definition;
    const registered = await mlflow.registerChallenger.executeWithOptions(
      { summary: `Register the challenger of ${registered_model}` },
      [{ training_id, registered_model, ...result, data_window, run_id: context.run_id }],
    );
    const { version } = registered;
    await pen.write(
      [
        {
          kind: 'outcome',
          name: 'training_settled',
          message: `Attempt ${attempt.attempt} is adopted: version ${version} of ${registered_model} is the challenger.`,
          payload: {
            status: 'succeeded',
            attempt: attempt.attempt,
            seconds: attempt.seconds,
            version,
            ...result,
          },
        },
      ],
      { training: { status: 'succeeded', version }, flags: { retrained: true } },
    );
    return { status: 'succeeded', version, attempts: attempt.attempt, metrics: result.metrics };
  } catch (error) {
    return fail(opened.request, context, pen, broken(error).failure, isCancellation(error));
  }
}

/** Attempts are numbered; the next follows only after the one before is certainly gone. */
async function attempts(context: RunContext, request: TrainingRequest, pen: Pen): Promise<AttemptResult> {
  const { training_id } = request;
  const { max_attempts } = context.definition.retrain;
  for (let attempt = 1; ; attempt += 1) {
    const summary = `Attempt ${attempt} of ${training_id}`;
    const started = await training.startAttempt.executeWithOptions({ summary: `Start ${summary}` }, [
      { context, request, attempt },
    ]);
    await pen.write(
      [
        {
          kind: 'status',
          name: 'training_started',
          message: `Attempt ${attempt} is training (${started.place}).`,
          payload: { attempt, ...started },
        },
      ],
      { training: { status: 'running' } },
    );
    const result = await training.observeAttempt.executeWithOptions({ summary: `Wait for ${summary}` }, [
      { context, training_id, attempt },
    ]);
    if (result.status !== 'lost' || attempt >= max_attempts) return result;
    await pen.write([
      {
        kind: 'status',
        name: 'training_attempt_lost',
        message: `Attempt ${attempt} is gone without a result; another follows.`,
        payload: { ...result },
      },
    ]);
  }
}

/** Stops what is left of a training that will not be adopted, and says why. Never cancelled. */
function fail(
  { training_id, mlflow_run_id }: TrainingRequest,
  context: RunContext,
  pen: Pen,
  failure: Failure,
  cancelled = false,
): Promise<RetrainResult> {
  const status = cancelled ? 'cancelled' : 'failed';
  return CancellationScope.nonCancellable(async () => {
    const { trainer } = context.definition.retrain;
    await training.stopTraining
      .executeWithOptions({ summary: `Stop what is left of ${training_id}`, scheduleToCloseTimeout: '2m' }, [
        { training_id, trainer },
      ])
      // On a host that does not answer: it is stopped by whoever reclaims the lease, or by its own time limit.
      .catch(() => undefined);
    await mlflow.closeTrainingRun
      .executeWithOptions({ summary: 'Close the MLflow run', scheduleToCloseTimeout: '60s' }, [
        { training_id, mlflow_run_id, status: cancelled ? 'KILLED' : 'FAILED' },
      ])
      // The outcome below is the truth; MLflow's own view of the run must not hold it up.
      .catch(() => undefined);
    await pen.write(
      [
        {
          kind: 'outcome',
          name: 'training_settled',
          message: cancelled
            ? 'The training was stopped.'
            : `The training failed: ${failure.message}`.slice(0, 2000),
          payload: { status, failure },
        },
      ],
      { training: { status, failure: failure.message } },
    );
    return { status, failure };
  });
}

function broken(error: unknown): { readonly status: 'failed' | 'cancelled'; readonly failure: Failure } {
  if (isCancellation(error)) {
    return { status: 'cancelled', failure: { code: 'TrainingCancelled', message: 'The run was cancelled.' } };
  }
  return { status: 'failed', failure: failureOf(error) };
}

function failureOfAttempt(attempt: AttemptResult): Failure {
  if (attempt.status === 'lost') {
    return {
      code: 'TrainingFailed',
      message: `Attempt ${attempt.attempt} is gone without a result, and no further one is allowed.`,
    };
  }
  const code = attempt.failure_code ?? 'TrainingFailed';
  // A DAG run that fails has no exit code, nor has a program that was killed by somebody else.
  const unforced = code === 'TrainingFailed' ? 'failed' : 'did not exit by itself';
  const exit = attempt.exit_code === null ? unforced : `exited with code ${attempt.exit_code}`;
  return {
    code,
    message: `Attempt ${attempt.attempt} ${exit} after ${Math.round(attempt.seconds)} s. Its log ends with: ${attempt.log_tail.slice(-1200)}`,
  };
}

const coolDownEnd = ({ definition }: RunContext): Instant =>
  new Date(Date.now() + milliseconds(definition.retrain.cool_down)).toISOString();
