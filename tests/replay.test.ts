import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  type ReplayWorkerOptions,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { repositoryRoot } from '@watchtower/stack/repository';
import { workflowBundle } from '@watchtower/worker';
import * as workflows from '@watchtower/workflows';
import { z } from 'zod';

const folder = join(repositoryRoot, 'tests', 'histories');
const recordedHistory = z.object({ workflow_id: z.string(), history: z.unknown() });

/** File names are `<what happened>.<workflow type>.json`. */
const recorded = readdirSync(folder)
  .sort()
  .map((file) => {
    const [name = '', type = ''] = file.split('.');
    const { history } = recordedHistory.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    return { name, type, history };
  });

type Bundle = NonNullable<ReplayWorkerOptions['workflowBundle']>;

/** What replaying each history came to, by the name of its file: null where the workflow did as it had done. */
async function replay(workflowBundle: Bundle, histories = recorded): Promise<Map<string, Error | null>> {
  const results = Worker.runReplayHistories(
    { workflowBundle },
    histories.map(({ name, type, history }) => ({ workflowId: `${name}.${type}`, history })),
  );
  const outcomes = new Map<string, Error | null>();
  for await (const { workflowId, error } of results) outcomes.set(workflowId, error ?? null);
  return outcomes;
}

beforeAll(() => {
  // A broken workflow is told by its result; the SDK's own warning of it would only fill the log.
  const logging = { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) };
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging } });
});
afterAll(() => Runtime.instance().shutdown());

test('there is a history of every workflow', () => {
  expect(new Set(recorded.map(({ type }) => type))).toEqual(new Set(Object.keys(workflows)));
});

test('the workflows do again what they did when the histories were recorded', async () => {
  const codePath = await workflowBundle(join(repositoryRoot, '.watchtower', 'cache'));
  const outcomes = await replay({ codePath });
  expect([...outcomes]).toEqual(recorded.map(({ name, type }) => [`${name}.${type}`, null]));
}, 120_000);

describe('a broken workflow', () => {
  let outcomes: Map<string, Error | null>;
  beforeAll(async () => {
    const bundle = await bundleWorkflowCode({
      workflowsPath: join(repositoryRoot, 'tests', 'broken-workflows.ts'),
      logger: new DefaultLogger('ERROR'),
      webpackConfigHook: (config) => ({
        ...config,
        resolve: { ...config.resolve, conditionNames: ['source', 'import', 'require', 'default'] },
      }),
    });
    outcomes = await replay(bundle);
  }, 180_000);

  const ofType = (type: string) =>
    recorded.filter((each) => each.type === type).map(({ name }) => outcomes.get(`${name}.${type}`));

  test('is found out by one more call at its end', () => {
    for (const error of ofType('pipeline')) expect(error?.name).toBe('DeterminismViolationError');
  });

  test('is found out by another call at its beginning', () => {
    for (const error of ofType('retrain')) expect(error?.name).toBe('DeterminismViolationError');
  });

  test('does not throw suspicion on the others', () => {
    for (const type of ['champion', 'promotion', 'scheduledRun', 'sweep']) {
      for (const error of ofType(type)) expect(error).toBeNull();
    }
  });
});
