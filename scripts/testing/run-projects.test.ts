import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runProjects } from './run-projects.mjs';

const root = resolve(import.meta.dirname, '../..');
let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'run-projects-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

/** One test that needs nothing and one that needs Docker, where no Docker is to be found. */
const runStandIn = (variables: Readonly<Record<string, string>>, config = 'jest.config.mjs') =>
  runProjects({
    root,
    state,
    projects: [{ name: 'stand-in', nodeOptions: process.env.NODE_OPTIONS ?? '' }],
    args: ['--config', join(root, 'scripts/testing/stand-in', config)],
    variables: { ...process.env, WATCHTOWER_REQUIRE: '', PATH: state, ...variables },
    say: () => undefined,
    progress: 'ignore',
  });

test('a test whose part is missing is skipped, with the reason', async () => {
  expect(await runStandIn({})).toEqual({
    passed: 1,
    failed: 0,
    skipped: 1,
    reasons: ['what needs Docker: skipped, Docker is missing (no Docker engine answers `docker info`)'],
  });
  expect(readdirSync(state)).toEqual([]);
}, 60_000);

test('with WATCHTOWER_REQUIRE=all it fails instead', async () => {
  const required = await runStandIn({ WATCHTOWER_REQUIRE: 'all' });
  expect(required).toEqual({ passed: 1, failed: 1, skipped: 0, reasons: [] });
}, 60_000);

test('a Jest that cannot even begin counts as a failure', async () => {
  expect(await runStandIn({}, 'nowhere.mjs')).toMatchObject({ passed: 0, failed: 1 });
}, 60_000);
