import { describe, expect, test } from '@jest/globals';
import { coloursFor } from '@watchtower/client/colours';
import { digest, noTokens, type RunDetail, runDetail } from '@watchtower/contracts';
import { runsTable, runText } from './run-text.ts';

const plain = coloursFor({ isTTY: false }, {});
const colourful = coloursFor({ isTTY: true }, {});

const runOf = (changes: Partial<RunDetail> = {}): RunDetail =>
  runDetail.parse({
    run_id: '0198a1b2-0000-7000-8000-000000000001',
    kind: 'pipeline',
    model: 'flights',
    definition_version: 3,
    status: 'completed',
    trigger_source: 'cli',
    dry_run: false,
    data_window_id: 'current',
    triggered_at: '2026-03-01T12:00:00.000Z',
    started_at: '2026-03-01T12:00:01.000Z',
    completed_at: '2026-03-01T12:01:00.000Z',
    urgency: 'immediate',
    alert: true,
    health: 'at_risk',
    evaluation_outcome: null,
    flags: { drift_detected: true, retrained: false, evaluated: false, promoted: false },
    outcome: 'monitor',
    failure: null,
    summary: null,
    decision: null,
    reasoning: { turns: 0, tokens: noTokens, cost: 0 },
    steps: 9,
    head_hash: null,
    links: {},
    latest_step: null,
    approval: null,
    training: null,
    waiting_on: [],
    ...changes,
  });

/** The line of a run's text that begins with this word. */
const line = (run: RunDetail, word: string, colours = plain) =>
  runText(run, colours)
    .split('\n')
    .find((each) => each.includes(word));

describe('an alert', () => {
  test('is told with the urgency that raised it', () => {
    expect(line(runOf(), 'urgency')).toMatch(/^urgency +immediate, health at risk, alert raised$/);
  });

  test('is not told where none was raised', () => {
    const calm = runOf({ urgency: 'monitor', alert: false, health: 'healthy' });
    expect(line(calm, 'urgency')).toMatch(/^urgency +monitor, health healthy$/);
    expect(runText(runOf({ urgency: null, alert: false, health: null }), plain)).not.toMatch(/urgency|alert/);
  });

  test('stands out where there are colours, in a run and in a list of runs', () => {
    expect(line(runOf(), 'urgency', colourful)).toContain(colourful.red('alert raised'));
    const list = (alert: boolean) => runsTable([runOf({ alert })], colourful);
    expect(list(true)).toContain(colourful.red('immediate'));
    expect(list(false)).not.toContain(colourful.red('immediate'));
  });
});

describe('what reasoning cost', () => {
  const tokens = { input: 900, output: 100, cache_read: 200, cache_write: 34 };

  test('is told with its tokens, and says where a price is not known', () => {
    expect(line(runOf({ reasoning: { turns: 4, tokens, cost: 0.0123 } }), 'reasoning')).toMatch(
      /4 turns, 1,234 tokens, 0\.0123 USD$/,
    );
    expect(line(runOf({ reasoning: { turns: 4, tokens, cost: null } }), 'reasoning')).toMatch(
      /4 turns, 1,234 tokens, cost unknown$/,
    );
  });

  test('is left out where no language model was asked', () => {
    expect(line(runOf(), 'reasoning')).toBeUndefined();
  });
});

test('words of language models, providers and people steer no terminal', () => {
  const steering = 'fine\u001b[2J\u001b]0;owned\u0007\r\nurgency    none';
  const at = '2026-03-01T12:00:00.000Z';
  const run = runOf({
    status: 'failed',
    outcome: null,
    summary: { headline: steering, summary: 'x', cites: [1], reasoner: 'anthropic', facts: '' },
    failure: { code: 'TrainingFailed', message: steering },
    approval: {
      status: 'rejected',
      evidence_digest: digest.parse('d'.repeat(64)),
      requested_at: at,
      deadline: at,
      decided_at: at,
      decided_by: steering,
      channel: 'signal',
      reason: steering,
    },
    waiting_on: [
      { activity: 'reason', attempt: 2, state: 'scheduled', last_failure: steering, progress: null },
    ],
  });
  const text = runText(run, plain);
  expect(text.match(/fine \[2J \]0;owned urgency {4}none/g)).toHaveLength(5);
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
});
