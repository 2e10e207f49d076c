import { setTimeout as sleep } from 'node:timers/promises';
import { type RunId, workflowIds } from '@watchtower/contracts';
import { Client } from 'pg';
import type { Lab } from './lab.ts';
import { decide, key, look, sumUp, turns } from './reasoner-scripts/index.ts';
import { type ScriptedAnswer, type ScriptedProvider, startMessagesApi } from './scripted-providers/index.ts';

/** A dry run of four turns, one of them with two calls. */
const spoken: readonly ScriptedAnswer[] = [
  look,
  {
    say: [
      { text: 'I look at two things at once.' },
      { call: 'inspect_statistical_drift', input: {} },
      { call: 'inspect_feature_drift', input: { column: 'x2' } },
    ],
  },
  decide(),
  sumUp(),
];
export const turnsOfRun = spoken.length;

/** Where in a run its worker is killed. */
export interface Boundary {
  /** Counts from 1. */
  readonly turn: number;
  /** `after`: Temporal has the turn's answer, and nothing of it is written yet; `during`: the answer has not come. */
  readonly killed: 'after' | 'during';
}
export const boundaries: readonly Boundary[] = spoken.flatMap((_, index) =>
  (['after', 'during'] as const).map((killed) => ({ turn: index + 1, killed })),
);

/** A run that stands still at its boundary until its worker is gone. */
export interface HeldRun {
  readonly boundary: Boundary;
  readonly provider: ScriptedProvider;
  readonly start: (lab: Lab) => Promise<RunId>;
  /** Lets the run go on, for the next worker. */
  readonly release: () => Promise<void>;
}

export async function startHeldRun(boundary: Boundary): Promise<HeldRun> {
  const { turn, killed } = boundary;
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const held = spoken[turn - 1];
  if (held === undefined || !('say' in held)) throw new RangeError(`The script has no turn ${turn}.`);
  const before = spoken.slice(0, turn - 1);
  const script =
    killed === 'after'
      ? turns(...before, { ...held, held: answered }, ...spoken.slice(turn))
      : turns(...before, { ...held, delay: 300_000 }, ...spoken.slice(turn - 1));
  const provider = await startMessagesApi({ key, script });
  let lock: Client | null = null;
  return {
    boundary,
    provider,
    start: async (lab) => {
      const model = `killed-${killed}-turn-${turn}`;
      const { baseUrl: base_url } = provider;
      await lab.apply(
        { reasoner: { provider: 'anthropic', model_id: 'claude-sonnet-5-5', base_url } },
        model,
      );
      const run = await lab.startRun({ model, dry_run: true });
      await reached(() => provider.requests.length === turn);
      if (killed === 'during') return run;
      // Whoever writes steps of the run waits for this lock, so that the turn's answer is known and nothing follows it.
      lock = new Client({ connectionString: lab.stack.databaseUrl });
      await lock.connect();
      await lock.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [run]);
      answer();
      await reached(async () => (await turnsInHistory(lab, run)) === turn);
      return run;
    },
    release: async () => {
      const taken = lock;
      lock = null;
      await taken?.end();
    },
  };
}

/** Answers of the reasoner that Temporal holds. */
async function turnsInHistory(lab: Lab, run: RunId): Promise<number> {
  const { events } = await lab.temporal.workflow.getHandle(workflowIds.pipeline(run)).fetchHistory();
  const asked = new Set(
    events?.flatMap(({ eventId, activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'reason' ? [String(eventId)] : [],
    ),
  );
  const answers = events?.filter(({ activityTaskCompletedEventAttributes: completed }) =>
    asked.has(String(completed?.scheduledEventId)),
  );
  return answers?.length ?? 0;
}

async function reached(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('A run did not come to where it is to be killed.');
    await sleep(50);
  }
}
