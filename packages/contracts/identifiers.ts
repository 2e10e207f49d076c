import { z } from 'zod';

/** A run: UUIDv7 minted by the gateway, or UUIDv5 of a scheduled trigger's workflow id. */
export const runId = z.uuid().brand<'RunId'>();
export type RunId = z.infer<typeof runId>;

/** Names of models and windows: they become parts of ids, paths and MLflow names, so no separators and no surprises. */
export const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits, dot, underscore and hyphen, at most 100')
  .brand<'ModelName'>();
export type ModelName = z.infer<typeof modelName>;

export const windowName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits, dot, underscore and hyphen, at most 100')
  .brand<'WindowName'>();
export type WindowName = z.infer<typeof windowName>;

/** SHA-256 of canonical JSON or of bytes, in lower-case hexadecimal. */
export const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
  .brand<'Digest'>();
export type Digest = z.infer<typeof digest>;

/** An instant in UTC: ISO 8601 with milliseconds and `Z`, so that equal instants are equal strings. */
export const instant = z.iso.datetime({ precision: 3 });
export type Instant = z.infer<typeof instant>;

export const trainingId = z
  .string()
  .regex(/^training-[0-9a-f-]{36}$/)
  .brand<'TrainingId'>();
export type TrainingId = z.infer<typeof trainingId>;

/** Derived ids: the one place where they are spelled. See docs/decisions/0001-contracts.md, section 2. */
export const workflowIds = {
  pipeline: (run: string) => `pipeline/${run}`,
  retrain: (run: string) => `retrain/${run}`,
  promotion: (run: string) => `promotion/${run}`,
  champion: (model: string) => `champion/${model}`,
  scheduled: (model: string) => `scheduled/${model}`,
  sweep: 'sweep',
} as const;

export const scheduleIds = {
  model: (model: string) => `schedule/${model}`,
  sweep: 'sweep',
} as const;

export const trainingIdOf = (run: string): TrainingId => trainingId.parse(`training-${run}`);

export const taskQueues = {
  /** Workflows and short activities. */
  main: 'watchtower',
  /** Reading and scoring rows: few at a time. */
  data: 'watchtower-data',
  /** Waiting for trainings: many at a time, each long. */
  training: 'watchtower-training',
} as const;

/** Typed search attributes (all `Keyword`) of every workflow that belongs to a run. */
export const searchAttributeNames = {
  model: 'WatchtowerModel',
  kind: 'WatchtowerKind',
  status: 'WatchtowerStatus',
  trigger: 'WatchtowerTrigger',
} as const;
