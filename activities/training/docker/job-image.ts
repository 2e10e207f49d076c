import path from 'node:path';
import { type Environment, type ModelDefinition, WatchtowerError } from '@watchtower/contracts';
import { limitsOf } from './container-spec.ts';
import type { Engine } from './engine.ts';
import { digestFiles, listFolder, packFiles } from './workspace-files.ts';

/**
 * The image of a definition's job, on the engine: there already, pulled, or built from a folder.
 *
 * @returns its name
 * @throws WatchtowerError `TrainerRejected` (no such image), `TrainingSetupFailed` (the build failed)
 */
export async function provideImage(
  engine: Engine,
  environment: Environment,
  definition: ModelDefinition,
): Promise<string> {
  const { build, image } = definition.retrain.docker;
  if (build) return buildImage(engine, environment, definition, build);
  const name = withTag(image ?? environment.EXECUTION_DOCKER_IMAGE);
  if (!(await engine.hasImage(name))) await engine.pull(name);
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
  { context, dockerfile }: { readonly context: string; readonly dockerfile: string },
): Promise<string> {
  const limits = limitsOf(environment, definition);
  const folder = path.resolve(definition.base_dir, context);
  const files = await listFolder(folder, '', limits.workspace_bytes);
  const digest = await digestFiles([{ name: 'dockerfile', content: dockerfile }, ...files]);
  const name = `watchtower-build:${digest.slice(0, 32)}`;
  if (await engine.hasImage(name)) return name;
  const failed = await engine.build(packFiles(files, 0), {
    t: name,
    dockerfile,
    networkmode: environment.EXECUTION_NETWORK,
    memory: limits.memory_bytes,
    memswap: limits.memory_bytes,
    cpuperiod: 100_000,
    cpuquota: Math.round(limits.cpus * 100_000),
    forcerm: true,
  });
  if (failed === null) return name;
  throw new WatchtowerError(
    'TrainingSetupFailed',
    `The image could not be built from ${path.join(folder, dockerfile)}. The build ended with: ${failed.slice(-1_200)}`,
  );
}
