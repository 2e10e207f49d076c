import { z } from 'zod';
import { byteSize } from './byte-size.ts';
import { httpUrl } from './http-url.ts';

/** What a definition says about the trainer it names, and about what that trainer runs jobs in. */

export const trainerName = z.enum(['process', 'docker', 'airflow']);
export type TrainerName = z.infer<typeof trainerName>;

/** How the trainer `docker` prepares and bounds a job; see docs/decisions/0005-trainers.md. */
export const dockerSettings = z
  .strictObject({
    image: z.string().min(1).max(255).optional().describe('Image; default `EXECUTION_DOCKER_IMAGE`'),
    build: z
      .strictObject({
        context: z
          .string()
          .default('.')
          .describe('Folder that is sent to the engine, relative to `base_dir`'),
        dockerfile: z.string().default('Dockerfile').describe('Inside the context'),
      })
      .optional()
      .describe('Build the image instead of naming one'),
    clone: z
      .strictObject({
        url: httpUrl
          .refine((value) => value.startsWith('https://'), 'an https:// address')
          .describe('https address of a git repository, without credentials'),
        ref: z
          .string()
          .regex(/^[A-Za-z0-9][\w./-]{0,199}$/, 'a branch or tag')
          .optional()
          .describe("Branch or tag; default: the repository's own"),
      })
      .optional()
      .describe('Take the code from there instead of `working_directory`'),
    install: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Program and arguments that prepare the workspace, with network'),
    network: z
      .enum(['none', 'allowed'])
      .default('none')
      .describe('Of the training itself; without one it leaves its result in `WATCHTOWER_OUTPUT_DIR`'),
    memory: byteSize.optional().describe('Of a container; default `EXECUTION_MEMORY_LIMIT`'),
    cpus: z.number().min(0.1).max(1024).optional().describe('Default `EXECUTION_CPU_LIMIT`'),
    workspace: byteSize.optional().describe('Size of the workspace; default `EXECUTION_WORKSPACE_LIMIT`'),
  })
  .describe('For the trainer `docker`');
export type DockerSettings = z.infer<typeof dockerSettings>;

/** How the trainer `process` bounds a job. */
export const processSettings = z
  .strictObject({
    memory: byteSize
      .optional()
      .describe(
        'What its processes may hold together, on Linux; one that takes more is killed. Left out: no limit',
      ),
  })
  .describe('For the trainer `process`');
