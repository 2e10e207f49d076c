import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { repositoryRoot } from '@watchtower/stack/repository';
import type { StackConnection } from './stack-connection.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Replay compares which activity or child was started; with what, by whom and how often is most of a history. */
const needless = new Set([
  'header',
  'identity',
  'memo',
  'requestId',
  'retryPolicy',
  'stackTrace',
  'taskId',
  'userMetadata',
  'workerVersion',
]);
const commands = new Set([
  'activityTaskScheduledEventAttributes',
  'startChildWorkflowExecutionInitiatedEventAttributes',
]);

/**
 * A history, as JSON, without what only the machine that recorded it has (paths, its name, who worked on it) and
 * without what replay has no use for. What the workflow was told stays, consistently.
 */
export function neutralHistory(history: unknown, stack: StackConnection): Json {
  const python = stack.environment.PYTHON ?? '';
  const names: readonly (readonly [string, string])[] = [
    [stack.workspaces, '/workspaces'],
    [stack.artifacts, '/artifacts'],
    [repositoryRoot, '/watchtower'],
    ...(python.startsWith('/') ? [[dirname(dirname(python)), '/venv'] as const] : []),
    [hostname(), 'worker-host'],
  ];
  // Workers call themselves `<process>@<host>`, and their queues after themselves.
  const worker = new RegExp(`\\d+@${literal(hostname())}`, 'g');
  const neutral = (text: string): string =>
    names.reduce(
      (changed, [own, other]) => changed.replace(bounded(own), other),
      text.replace(worker, 'recorder'),
    );
  return walk(JSON.parse(JSON.stringify(history)), neutral);
}

function walk(value: Json, neutral: (text: string) => string): Json {
  if (typeof value === 'string') return neutral(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, neutral));
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.data === 'string' && value.metadata !== undefined) {
    const told = neutral(Buffer.from(value.data, 'base64').toString('utf8'));
    return { ...value, data: Buffer.from(told).toString('base64') };
  }
  const kept = Object.entries(value).filter(([key]) => !needless.has(key));
  return Object.fromEntries(
    kept.map(([key, item]) => [key, walk(commands.has(key) ? withoutInput(item) : item, neutral)]),
  );
}

function withoutInput(attributes: Json): Json {
  if (attributes === null || typeof attributes !== 'object' || Array.isArray(attributes)) return attributes;
  const { input: _, ...rest } = attributes;
  return rest;
}

/** Whole names only: a host may be called like a part of a word. */
const bounded = (name: string): RegExp => new RegExp(`(?<![\\w.-])${literal(name)}(?![\\w-])`, 'g');

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
