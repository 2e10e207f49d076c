import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { WatchtowerError } from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import type { Progress } from '../progress.ts';
import { describeEnd, lastLines } from './python-end.ts';
import { runPython } from './python-process.ts';
import { scorerProgram } from './scorer-program.ts';
import { buildingEnvironment } from './scrubbed-environment.ts';

/** What the scorer itself needs beside the model's requirements. */
const scorerRequirements = ['pyarrow', 'pandas'];
const buildTimeout = 30 * 60_000;

/**
 * The Python of a virtual environment with these requirements, made once and kept under
 * `<workspace>/environments/<digest>`.
 *
 * @throws WatchtowerError `EnvironmentFailed` with pip's last lines
 */
export async function environmentFor(
  requirements: readonly string[],
  settings: { readonly python: string; readonly workspace: string; readonly progress: Progress },
): Promise<string> {
  const { python, workspace, progress } = settings;
  const wanted = [...requirements, ...scorerRequirements.filter((name) => !names(requirements).has(name))];
  const environments = path.join(workspace, 'environments');
  const folder = path.join(environments, digestOf({ python, requirements: wanted.toSorted() }).slice(0, 32));
  const made = path.join(folder, 'bin', 'python');
  if (existsSync(made)) return made;
  await mkdir(environments, { recursive: true });
  const home = await mkdtemp(path.join(environments, 'home-'));
  try {
    const job = path.join(home, 'job.json');
    await writeFile(job, JSON.stringify({ folder, requirements: wanted }));
    const end = await runPython({
      python,
      script: scorerProgram('build_environment'),
      job,
      directory: home,
      environment: buildingEnvironment(home),
      timeout: buildTimeout,
      signal: progress.signal,
      onLine: progress.line,
    });
    if (end.kind !== 'exited' || end.status !== 0) {
      const why = 'stderr' in end ? lastLines(end.stderr) : end.reason;
      throw new WatchtowerError(
        'EnvironmentFailed',
        `The environment for ${wanted.join(', ')} could not be built: pip ${describeEnd(end)}. ${why}`.trim(),
      );
    }
    return made;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Distribution names of requirement lines, as far as they have one. */
const names = (requirements: readonly string[]): ReadonlySet<string> =>
  new Set(requirements.flatMap((line) => /^[A-Za-z0-9._-]+/.exec(line)?.[0].toLowerCase() ?? []));
