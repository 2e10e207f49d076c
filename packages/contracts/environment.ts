import { z } from 'zod';
import { byteSize } from './byte-size.ts';
import { httpUrl } from './http-url.ts';
import { modelName } from './identifiers.ts';
import { taskType } from './metric.ts';
import { tokenPrice } from './reasoner-settings.ts';

const port = z.coerce.number().int().min(1).max(65_535);
/** Values separated by commas; none where it is left out. */
const list = <Item extends z.ZodType<unknown, string>>(item: Item) =>
  z
    .string()
    .default('')
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .pipe(z.array(item));

/**
 * A key as it stands in a header, which leaves out white space around it: mounted secrets often end in a new line, and a
 * key that differs from the one that is sent would not be found where an endpoint repeats it.
 */
const providersKey = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]+$/, 'printable ASCII characters without spaces');

/** An address and whose key goes there: `openai=https://…`, `anthropic=https://…`. */
const providersUrl = z
  .string()
  .regex(/^(openai|anthropic)=/, 'openai=<address> or anthropic=<address>')
  .transform((value) => {
    const sign = value.indexOf('=');
    return { provider: value.slice(0, sign), address: value.slice(sign + 1) };
  })
  .pipe(z.object({ provider: z.enum(['openai', 'anthropic']), address: httpUrl }));

/**
 * Every variable Watchtower reads, with its default and what it is for. `.env.example` is made from this table
 * (`npm run env-example`), and a test compares them.
 */
export const environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'a postgresql:// address')
    .default('postgresql://watchtower:watchtower@127.0.0.1:5432/watchtower')
    .describe('PostgreSQL: the read model and the audit log'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d+$/, 'host:port')
    .default('127.0.0.1:7233')
    .describe('Temporal frontend, host:port'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default').describe('Temporal namespace'),
  TEMPORAL_UI_URL: httpUrl.default('http://127.0.0.1:8233').describe('Temporal UI, for links'),
  MLFLOW_TRACKING_URI: httpUrl
    .default('http://127.0.0.1:5000')
    .describe('MLflow tracking server and registry'),
  MLFLOW_UI_URL: httpUrl
    .optional()
    .describe('MLflow as browsers reach it, for links; the tracking address where it is left out'),
  MLFLOW_TRACKING_USERNAME: z.string().optional().describe('MLflow basic auth'),
  MLFLOW_TRACKING_PASSWORD: z.string().optional().describe('MLflow basic auth'),
  MLFLOW_TRACKING_TOKEN: z.string().optional().describe('MLflow bearer token'),
  MLFLOW_MODEL_NAME: modelName
    .prefault('flights')
    .describe('The model a run is about when the request names none'),
  MLFLOW_EXPERIMENT_NAME: z
    .string()
    .min(1)
    .default('watchtower')
    .describe('Experiment in which retrainings are opened'),
  MODEL_TASK_TYPE: taskType.default('binary_classification').describe('Task of definitions that name none'),
  DRIFT_FEATURE_THRESHOLD: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe('A dataset drifts when more than this share of its features did'),
  EVAL_MIN_IMPROVEMENT: z.coerce
    .number()
    .min(0)
    .default(0.005)
    .describe('What the challenger must gain in the primary metric, in its better direction'),
  AGENT_MAX_TURNS: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .default(20)
    .describe('Turns of the reasoner in one run'),
  LLM_PROVIDER: z
    .enum(['policy', 'anthropic', 'openai'])
    .optional()
    .describe('Who reasons; left out: the first of anthropic and openai that has a key, else policy'),
  LLM_MODEL_ID: z
    .string()
    .min(1)
    .optional()
    .describe("The provider's name of the language model; each provider has a default"),
  ANTHROPIC_API_KEY: providersKey.optional().describe('Key for the Messages API'),
  ANTHROPIC_BASE_URL: httpUrl
    .default('https://api.anthropic.com')
    .describe('Where the Messages API is reached'),
  OPENAI_API_KEY: providersKey.optional().describe('Key for an OpenAI-compatible endpoint'),
  GROQ_API_KEY: providersKey
    .optional()
    .describe('Key for Groq; without OPENAI_API_KEY and OPENAI_BASE_URL it makes Groq the endpoint'),
  OPENAI_BASE_URL: httpUrl
    .optional()
    .describe('An OpenAI-compatible endpoint, up to and with /v1; a local server needs no key'),
  LLM_BASE_URLS_ALLOWED: list(providersUrl).describe(
    'Further addresses that a definition may name for its reasoner, each as openai=https://... or ' +
      'anthropic=https://..., separated by commas; each gets the key of its provider',
  ),
  LLM_PRICES: z
    .string()
    .default('{}')
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'a JSON object' });
        return z.NEVER;
      }
    })
    .pipe(z.record(z.string(), tokenPrice))
    .describe(
      'US dollars for a million tokens by model, over the built-in table: {"name": {"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75}}',
    ),
  TOKEN_BUDGET: z.coerce
    .number()
    .int()
    .min(1000)
    .default(100_000)
    .describe('Tokens the reasoner may use in one run'),
  COST_BUDGET_USD: z.coerce
    .number()
    .min(0)
    .optional()
    .describe('US dollars the reasoner may cost in one run; left out: no limit but the tokens'),
  AGENT_TIMEOUT_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(300)
    .default(120)
    .describe('Seconds one call of the language model may take'),
  AGENT_MAX_OUTPUT_TOKENS: z.coerce
    .number()
    .int()
    .min(256)
    .max(64_000)
    .default(4096)
    .describe('Tokens of one answer'),
  WATCHTOWER_STORE_PROMPTS: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true')
    .describe(
      'Keep what was sent to and answered by language models as artifacts; without them no thinking can be given back to a model',
    ),
  API_KEY: z
    .string()
    .min(16, 'at least 16 characters')
    .optional()
    .describe('Key clients send as X-API-Key; made at first start by the embedded stack'),
  ALLOWED_ORIGINS: list(httpUrl).describe('Browser origins allowed to call the gateway, separated by commas'),
  GATEWAY_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address the gateway listens on; loopback unless told otherwise'),
  GATEWAY_PORT: port.default(8080).describe('Port the gateway listens on'),
  WORKSPACE_BASE_DIR: z
    .string()
    .min(1)
    .default('.watchtower/workspaces')
    .describe('Folder in which trainings and scorings work'),
  ARTIFACT_DIR: z
    .string()
    .min(1)
    .default('.watchtower/artifacts')
    .describe('Artifact store: files named by their SHA-256'),
  PYTHON: z
    .string()
    .min(1)
    .default('python3')
    .describe('Python that scores models and that {python} stands for in training commands'),
  DOCKER_HOST: z
    .string()
    .regex(/^(unix|tcp|https?):\/\/\S+$/, 'unix:///path or tcp://host:port')
    .optional()
    .describe('Docker engine of the trainer docker; left out: unix:///var/run/docker.sock'),
  DOCKER_CERT_PATH: z
    .string()
    .optional()
    .describe(
      'Folder with ca.pem, cert.pem and key.pem for an engine on another machine, which without them is open to all',
    ),
  EXECUTION_DOCKER_IMAGE: z
    .string()
    .min(1)
    .default('python:3.11-slim')
    .describe('Image in which the trainer docker runs a job, where its definition names none'),
  EXECUTION_NETWORK: z
    .string()
    .min(1)
    .default('bridge')
    .describe('Docker network of what may reach out: clone, install, and training where it is allowed'),
  EXECUTION_TIMEOUT_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(86_400)
    .describe('Seconds a training of the trainer docker may take at most, whatever its definition says'),
  EXECUTION_MEMORY_LIMIT: byteSize
    .prefault('4g')
    .describe('Memory of a container of the trainer docker, where its definition names none'),
  EXECUTION_CPU_LIMIT: z.coerce.number().min(0.1).default(2).describe('CPUs of the same'),
  EXECUTION_WORKSPACE_LIMIT: byteSize.prefault('2g').describe('Size of its workspace, which lives in memory'),
  AIRFLOW_API_URL: httpUrl
    .default('http://127.0.0.1:8080')
    .describe('Airflow of the trainer airflow, version 2 or 3, up to what comes before /api'),
  AIRFLOW_USERNAME: z.string().optional().describe('Airflow user'),
  AIRFLOW_PASSWORD: z.string().optional().describe('Password of the same'),
  RETRAIN_DAG_ID: z.string().min(1).default('ml_retrain_pipeline').describe('DAG that trains a model'),
  WORKER_QUEUES: z
    .string()
    .default('main,data,training')
    .transform((value) =>
      value
        .split(',')
        .map((queue) => queue.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.enum(['main', 'data', 'training'])).min(1))
    .describe('Task queues this worker serves, separated by commas'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe log line written'),
});
export type Environment = z.output<typeof environment>;

/** Variables whose values never appear in an error, a log or `.env.example`. */
export const secretVariables: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'API_KEY',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
  'AIRFLOW_PASSWORD',
  'ANTHROPIC_API_KEY',
  'OPENAI_API_KEY',
  'GROQ_API_KEY',
]);

/** Whatever may hold a password is not repeated: `user:password@host` stands in no valid value but a secret's. */
const mayBeShown = (name: string, value: string): boolean =>
  !secretVariables.has(name) && !value.includes('@');

/** Thrown by `parseEnvironment`: one line for each variable, naming it, what it was and what is allowed. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

/**
 * An empty value counts as unset, as in a `.env` file.
 *
 * @throws EnvironmentError that names every wrong variable
 */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    const value = set[name] ?? '';
    const was = mayBeShown(name, value) ? JSON.stringify(value) : '(not shown)';
    return `${name} was ${was}: ${issue.message}`;
  });
  throw new EnvironmentError(
    `The environment is not valid:\n${lines.map((line) => `  ${line}`).join('\n')}\nSee .env.example.`,
  );
}
