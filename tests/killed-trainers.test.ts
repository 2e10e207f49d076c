import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunId } from '@watchtower/contracts';
import { pythonImage } from './docker-image.ts';
import {
  applyBriefModel,
  type Gate,
  type Gates,
  installGates,
  killedTrainers,
  oneResult,
  settled,
  type WhatBecame,
} from './killed-trainings.ts';
import { type Lab, openLab } from './lab.ts';
import { describeWith, docker } from './optional-parts.ts';

const minutes = 60_000;
const gates: readonly Gate[] = ['before the trigger', 'right after it'];
const moments = [...gates, 'during the wait'] as const;
const cases = killedTrainers.flatMap((trainer) => moments.map((moment) => [trainer, moment] as const));

/** Six trainings at once, each at its own moment, lose their one worker. */
describeWith(docker, 'a training whose worker is killed (kill -9)', () => {
  let lab: Lab;
  const became = new Map<string, WhatBecame>();
  beforeAll(async () => {
    lab = await openLab('killed-trainers', async () => ({ EXECUTION_DOCKER_IMAGE: await pythonImage() }));
    const shut = await installGates(lab.stack.databaseUrl);
    const runs = await Promise.all(cases.map(([trainer, moment]) => begin(shut, trainer, moment)));
    await shut.reached(cases.length - killedTrainers.length);
    await Promise.all(
      runs.filter(({ moment }) => moment === 'during the wait').map(({ run }) => waiting(run)),
    );
    await lab.worker.kill('SIGKILL');
    await shut.open();
    await lab.restartWorker();
    await Promise.all(
      runs.map(async ({ name, run }) => {
        became.set(name, await settled(lab, run));
      }),
    );
  }, 4 * minutes);
  afterAll(() => lab?.close(), minutes);

  async function begin(shut: Gates, trainer: (typeof killedTrainers)[number], moment: string) {
    const name = `${trainer}, ${moment}`;
    const model = name.replaceAll(/[^a-z]+/g, '-');
    // It outlasts the way to the kill; meanwhile Temporal waits longer than that for the worker's heartbeat.
    await applyBriefModel(lab, model, trainer, 12);
    const run = await lab.startRun({ model });
    for (const gate of gates) if (gate === moment) await shut.shut(run, gate);
    return { name, run, moment };
  }

  /** Until a worker watches it train. */
  async function waiting(run: RunId): Promise<void> {
    await lab.step(run, 'training_started');
    await sleep(1_500);
  }

  test.each(cases)('%s, %s: one result is adopted and nothing is left running', (trainer, moment) => {
    expect(became.get(`${trainer}, ${moment}`)).toEqual(oneResult);
  });
});
