/**
 * `npm run kill-workers [-- <seed>]`: trainings through each trainer lose their worker by kill -9 at moments
 * drawn from the seed, until at least twenty of each were hit while they were under way. Ends with a table of where they
 * were and what became of them, and with 1 where any did not come to one adopted result. Needs a Docker engine and
 * `npm run setup:airflow`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { attemptFolder } from '@watchtower/activities/training/attempt-folder';
import { attemptFiles } from '@watchtower/activities/training/process/attempt-files';
import { type RunId, type TrainingId, trainingIdOf } from '@watchtower/contracts';
import { identify } from '@watchtower/stack/process-identity';
import { type AirflowServer, retrainDag } from './airflow-server.ts';
import { pythonImage } from './docker-image.ts';
import globalTeardown from './global-teardown.ts';
import {
  applyBriefModel,
  briefAirflow,
  containersOf,
  type KilledTrainer,
  killedTrainers,
  oneResult,
  settled,
  type WhatBecame,
} from './killed-trainings.ts';
import { type Lab, openLab } from './lab.ts';
import { startSharedStack } from './start-shared-stack.ts';

const wanted = 20;
/** Trainings of each trainer that lose their worker together. */
const together = 4;
const trainingSeconds = 20;
/** They begin within this, and the worker is killed within this. */
const longestMs = 5_000;
const seed = Number(process.argv[2] ?? 1);

/** Where a training was when its worker was killed. */
type Moment = 'before the trigger' | 'right after it' | 'during the wait' | 'after its end' | 'not under way';

interface Servers {
  readonly lab: Lab;
  readonly airflow: AirflowServer;
}

interface Kill {
  readonly trainer: KilledTrainer;
  readonly moment: Moment;
  readonly became: WhatBecame;
}

/** Mulberry32: even numbers in [0, 1) from a seed. */
function randomFrom(state: number): () => number {
  let at = state;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function round({ lab, airflow }: Servers, random: () => number): Promise<readonly Kill[]> {
  // All drawn anew in each round: close together and killed soon, they are in the short moments before they train.
  const spreadMs = random() * longestMs;
  const starts = killedTrainers.flatMap((trainer) =>
    Array.from({ length: together }, (_, index) => ({ trainer, index, afterMs: random() * spreadMs })),
  );
  const share = 0.25 + random() / 2;
  const killAfterMs = random() ** 2 * longestMs;
  const begun = await Promise.all(
    starts.map(async ({ trainer, index, afterMs }) => {
      await sleep(afterMs);
      return { trainer, run: await lab.startRun({ model: modelOf(trainer, index) }) };
    }),
  );
  const intended = begun.map(({ run }) => lab.step(run, 'training_intended'));
  await shareOf(share, intended);
  await sleep(killAfterMs);
  await lab.worker.kill('SIGKILL');
  const moments = await Promise.all(
    begun.map(({ trainer, run }) => momentOf({ lab, airflow }, trainer, run)),
  );
  await lab.restartWorker();
  const supervision = new AbortController();
  const supervised = supervise(lab, supervision.signal);
  const kills: Kill[] = [];
  // One after the other: many who look at once would be a load of their own.
  for (const [index, { trainer, run }] of begun.entries()) {
    const became = await settled(lab, run, trainer, airflow);
    kills.push({ trainer, moment: moments[index] ?? 'not under way', became });
  }
  supervision.abort();
  await supervised;
  return kills;
}

/** As whoever runs a worker does: one that ended by itself is started again. */
async function supervise(lab: Lab, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (identify(lab.worker.pid) === undefined) {
      console.log('the worker ended by itself:', lab.worker.output().slice(-2_000));
      await lab.restartWorker();
    }
    await sleep(1_000);
  }
}

/** Resolves when this share of the promises has. */
async function shareOf(share: number, promises: readonly Promise<unknown>[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let missing = Math.ceil(promises.length * share);
    for (const promise of promises) {
      promise.then(() => {
        missing -= 1;
        if (missing === 0) resolve();
      }, reject);
    }
  });
}

const modelOf = (trainer: KilledTrainer, index: number): string => `killed-${trainer}-${index}`;

/** What the rows say with no worker there to change them. */
async function momentOf({ lab, airflow }: Servers, trainer: KilledTrainer, run: RunId): Promise<Moment> {
  const steps = new Set((await lab.steps(run)).map(({ name }) => name));
  if (steps.has('training_settled')) return 'not under way';
  const training_id = trainingIdOf(run);
  const attempt = await lab.database.trainingAttempt.findFirst({ where: { training_id } });
  if (!attempt) return steps.has('training_intended') ? 'before the trigger' : 'not under way';
  if (attempt.status === 'running') return 'during the wait';
  if (attempt.status !== 'starting') return 'after its end';
  return (await hasBegun({ lab, airflow }, trainer, training_id)) ? 'right after it' : 'before the trigger';
}

async function hasBegun(
  { lab, airflow }: Servers,
  trainer: KilledTrainer,
  training: TrainingId,
): Promise<boolean> {
  if (trainer === 'airflow') return (await airflow.dagRuns(training)).length > 0;
  if (trainer === 'docker') return (await containersOf(training)).length > 0;
  const folder = attemptFolder(lab.stack.workspaces, { training_id: training, attempt: 1 });
  return existsSync(join(folder, attemptFiles.claim));
}

function tableOf(kills: readonly Kill[]): string {
  const moments: readonly Moment[] = [
    'before the trigger',
    'right after it',
    'during the wait',
    'after its end',
  ];
  const rows = killedTrainers.flatMap((trainer) =>
    moments.map((moment) => {
      const hit = kills.filter((kill) => kill.trainer === trainer && kill.moment === moment);
      const whole = hit.filter(({ became }) => isDeepStrictEqual(became, oneResult));
      return `| \`${trainer}\` | ${moment} | ${hit.length} | ${whole.length} |`;
    }),
  );
  const head = '| Trainer | Killed | Kills | One attempt, one result adopted, one MLflow run, nothing left |';
  return [head, '| --- | --- | --- | --- |', ...rows].join('\n');
}

let airflow: AirflowServer | undefined;
await startSharedStack();
try {
  const lab = await openLab('killed', async (stack) => {
    airflow = await briefAirflow(stack);
    return { EXECUTION_DOCKER_IMAGE: await pythonImage(), ...airflow.variables };
  });
  try {
    if (!airflow) throw new Error('The lab was opened without its Airflow.');
    await airflow.ready;
    await airflow.startScheduler({});
    await airflow.unpause(retrainDag);
    const servers: Servers = { lab, airflow };
    for (const trainer of killedTrainers) {
      for (let index = 0; index < together; index += 1) {
        await applyBriefModel(lab, modelOf(trainer, index), trainer, trainingSeconds);
      }
    }
    const random = randomFrom(seed);
    const kills: Kill[] = [];
    const hits = (trainer: KilledTrainer) => kills.filter((kill) => kill.trainer === trainer).length;
    for (let number = 1; killedTrainers.some((trainer) => hits(trainer) < wanted); number += 1) {
      const made = await round(servers, random);
      kills.push(...made.filter(({ moment }) => moment !== 'not under way'));
      console.log(`round ${number}: ${killedTrainers.map((name) => `${name} ${hits(name)}`).join(', ')}`);
      for (const kill of made) {
        if (!isDeepStrictEqual(kill.became, oneResult)) console.log('not whole:', JSON.stringify(kill));
      }
    }
    console.log(`\nSeed ${seed}\n\n${tableOf(kills)}`);
    if (kills.some(({ became }) => !isDeepStrictEqual(became, oneResult))) process.exitCode = 1;
  } finally {
    await lab.close();
  }
} finally {
  await airflow?.stop();
  await globalTeardown();
}
