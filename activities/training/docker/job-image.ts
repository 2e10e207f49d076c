import path from 'node:path';
import { type Environment, type ModelDefinition, WatchtowerError } from '@watchtower/contracts';
import { limitsOf } from './container-spec.ts';
import type { Engine } from './engine.ts';
import { digestFiles, listFolder, packFiles } from './workspace-files.ts';

/** Node's timers go no further. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The image of a definition's job, on the engine: there already, pulled, or built from a folder.
 *
 * @param signal aborted where nobody waits for it any more
 * @returns its name
 * @throws WatchtowerError `TrainerRejected` (no such image), `TrainingSetupFailed` (the build failed, or it took too long)
 */
export async function provideImage(
  engine: Engine,
  environment: Environment,
  definition: ModelDefinition,
  signal: AbortSignal,
): Promise<string> {
  const { timeout_ms } = limitsOf(environment, definition);
  const limit = AbortSignal.timeout(Math.min(timeout_ms, longestTimerMs));
  try {
    return await findOrMake(engine, environment, definition, AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new WatchtowerError(
      'TrainingSetupFailed',
      `The image took longer than ${timeout_ms / 1000} s to be pulled or built, and was given up. Provide it beforehand, or raise retrain.timeout.`,
    );
  }
}

async function findOrMake(
  engine: Engine,
  environment: Environment,
  definition: ModelDefinition,
  signal: AbortSignal,
): Promise<string> {
  const { build, image } = definition.retrain.docker;
  if (build) return buildImage(engine, environment, definition, { ...build, signal });
  const name = withTag(image ?? environment.EXECUTION_DOCKER_IMAGE);
  if (!(await engine.hasImage(name))) await engine.pull(name, signal);
  return name;
}

/** Without a tag an engine would pull all there are. */
export function withTag(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? name : `${name}:latest`;
}

async function buildImage(
  engine: Engine,
  environment: Environment,
  definition: ModelDefinition,
  {
    context,
    dockerfile,
    signal,
  }: { readonly context: string; readonly dockerfile: string; readonly signal: AbortSignal },
): Promise<string> {
  const limits = limitsOf(environment, definition);
  const folder = path.resolve(definition.base_dir, context);
  const files = await listFolder(folder, '', limits.workspace_bytes);
  const digest = await digestFiles([{ name: 'dockerfile', content: dockerfile }, ...files]);
  const name = `watchtower-build:${digest.slice(0, 32)}`;
  if (await engine.hasImage(name)) return name;
  const options = {
    t: name,
    dockerfile,
    networkmode: environment.EXECUTION_NETWORK,
    memory: limits.memory_bytes,
    memswap: limits.memory_bytes,
    cpuperiod: 100_000,
    cpuquota: Math.round(limits.cpus * 100_000),
    forcerm: true,
  };
  const failed = await engine.build(packFiles(files, 0), options, signal);
  if (failed === null) return name;
  throw new WatchtowerError(
    'TrainingSetupFailed',
    `The image could not be built from ${path.join(folder, dockerfile)}. The build ended with: ${failed.slice(-1_200)}`,
  );
}
