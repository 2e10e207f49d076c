import { z } from 'zod';

/** `.watchtower/endpoints.json`: where a running stack is reached. The stack writes it, clients read it. */
export const endpoints = z.object({
  gateway: z.string(),
  /** host:port */
  temporal: z.string(),
  temporal_ui: z.string(),
  mlflow: z.string(),
  database_url: z.string(),
  api_key: z.string(),
  /** Of the supervisor. */
  pid: z.int(),
});
export type Endpoints = z.infer<typeof endpoints>;
