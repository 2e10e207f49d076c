import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import proto from '@temporalio/proto';
import {
  type ReasoningUsage,
  type RunDetail,
  type RunId,
  type Step,
  storedEvaluation,
  turnMark,
} from '@watchtower/contracts';
import { nothingSpent, spendTurn } from '@watchtower/policy';
import type { Lab } from './lab.ts';
import { key } from './reasoner-scripts/index.ts';

const { History } = proto.temporal.api.history.v1;

/** What a run is known by in Temporal: the histories as they go over the wire. */
export interface HistoryMeasure {
  readonly bytes: number;
  readonly events: number;
  /** Bytes of the argument of each `reason`, and the largest payload of all. */
  readonly reason: readonly number[];
  readonly largest: number;
}

/** True of every run, whoever reasoned and whatever went wrong. */
export async function expectSound(lab: Lab, run: RunId): Promise<{ steps: Step[]; detail: RunDetail }> {
  const [steps, detail] = await Promise.all([lab.steps(run), lab.detail(run)]);
  expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
  expect(steps.filter(({ kind }) => kind === 'summary')).toEqual([steps.at(-1)]);
  expect(detail.summary?.cites.every((number) => number < steps.length)).toBe(true);
  expectCounted(detail.reasoning, steps);
  const decided = steps.find(({ name }) => name === 'retraining_decided');
  expect(detail.decision).toEqual(decided?.payload);
  const alerts = steps.filter(({ name }) => name === 'alert_raised').map(({ payload }) => payload.urgency);
  expect(alerts.at(-1)).toBe(detail.alert ? detail.urgency : undefined);
  expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
  expect(JSON.stringify([steps, detail])).not.toContain(key);
  return { steps, detail };
}

/** The run's sums are those of its turns, each counted once; what a step says of its turn is what that whole turn cost. */
function expectCounted(reasoning: ReasoningUsage, steps: readonly Step[]): void {
  const marks = new Map(
    steps.flatMap(({ payload }) => {
      if (payload.turn === undefined) return [];
      const mark = turnMark.parse(payload.turn);
      return [[mark.number, mark] as const];
    }),
  );
  const sum = [...marks.values()].reduce(spendTurn, nothingSpent);
  expect({ turns: reasoning.turns, tokens: reasoning.tokens }).toEqual({
    turns: sum.turns,
    tokens: sum.tokens,
  });
  if (sum.cost === null) expect(reasoning.cost).toBeNull();
  else expect(reasoning.cost).toBeCloseTo(sum.cost, 9);
}

/** What a run came to, without what is its own: two runs with the same are the same promotion. */
export async function promotionOf(lab: Lab, run: RunId) {
  const [{ decision, training, approval }, { body }] = await Promise.all([
    lab.detail(run),
    lab.request('GET', `/reports/eval/${run}`),
  ]);
  const { challenger, champion, gates, outcome, improvement } = storedEvaluation.parse(body).report;
  return {
    decision: decision && {
      urgency: decision.urgency,
      strategy: decision.strategy,
      triggers: decision.triggers,
    },
    version: training?.version,
    approval: approval?.status,
    evaluation: {
      outcome,
      improvement,
      gates,
      challenger: challenger.metrics,
      champion: champion?.metrics,
    },
  };
}

/** The key is in none of the run's histories. */
export async function measuredHistories(
  lab: Lab,
  run: RunId,
  kinds: readonly string[],
): Promise<HistoryMeasure> {
  let bytes = 0;
  let events = 0;
  const reason: number[] = [];
  const payloads: number[] = [];
  for (const kind of kinds) {
    const history = await lab.temporal.workflow.getHandle(`${kind}/${run}`).fetchHistory();
    const wire = Buffer.from(History.encode(history).finish());
    expect(wire.includes(key)).toBe(false);
    bytes += wire.length;
    events += history.events?.length ?? 0;
    for (const event of history.events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      const completed = event.activityTaskCompletedEventAttributes;
      for (const { data } of [
        ...(scheduled?.input?.payloads ?? []),
        ...(completed?.result?.payloads ?? []),
      ]) {
        const size = data?.length ?? 0;
        payloads.push(size);
        if (scheduled?.activityType?.name === 'reason') reason.push(size);
      }
    }
  }
  return { bytes, events, reason, largest: Math.max(0, ...payloads) };
}

/** Exchanges, training logs, reports: no file of the artifact store or of a training holds the key. */
export async function expectNoKeyOnDisk(lab: Lab): Promise<number> {
  let files = 0;
  for (const folder of [lab.stack.artifacts, lab.stack.workspaces]) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const holds = (await readFile(file)).includes(key);
      expect([file, holds]).toEqual([file, false]);
      files += 1;
    }
  }
  return files;
}
