import { z } from 'zod';

/** MLflow 3's answers, as far as they are read. Lists that are empty are left out by MLflow. */

const tags = z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]);
/** MLflow writes NaN and infinities as strings. */
const metric = z.object({ key: z.string(), value: z.union([z.number(), z.string()]).default(0) });

export const runStatus = z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);

export const mlflowRun = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: z.string(),
    status: runStatus,
    artifact_uri: z.string(),
    lifecycle_stage: z.string().default('active'),
  }),
  data: z.object({ metrics: z.array(metric).default([]), tags }).default({ metrics: [], tags: [] }),
  outputs: z
    .object({ model_outputs: z.array(z.object({ model_id: z.string() })).default([]) })
    .default({ model_outputs: [] }),
});
export type MlflowRun = z.infer<typeof mlflowRun>;

export const loggedModel = z.object({
  info: z.object({
    model_id: z.string(),
    status: z.string(),
    creation_timestamp_ms: z.coerce.number(),
    artifact_uri: z.string(),
  }),
});
export type LoggedModel = z.infer<typeof loggedModel>;

export const modelVersion = z.object({
  name: z.string(),
  version: z.string(),
  source: z.string().default(''),
  run_id: z
    .string()
    .optional()
    .transform((id) => id || null),
  tags,
});
export type ModelVersion = z.infer<typeof modelVersion>;

export const fileList = z.object({
  files: z
    .array(z.object({ path: z.string(), is_dir: z.boolean(), file_size: z.coerce.number().optional() }))
    .default([]),
});

/** An answer nobody looks into. */
export const acknowledged = z.looseObject({});
