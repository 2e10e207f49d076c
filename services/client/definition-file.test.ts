import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import { parseDefinition, readDefinitionFile } from './definition-file.ts';

const valid = `version: 1
model: tiny
data:
  source: { type: synthetic }
  time_column: time
  target: y
windows:
  reference: { from: 2024-01-01, to: 2024-02-01 }
  current: { last: 7d }
retrain:
  command: ["{python}", train.py]
evaluate:
  primary_metric: roc_auc
`;

const problemsShape = z.object({
  file: z.string(),
  problems: z.array(z.object({ line: z.int(), column: z.int(), field: z.string(), message: z.string() })),
});

function problemsOf(text: string) {
  try {
    parseDefinition(text, '/models/watchtower.yaml');
  } catch (error) {
    if (!(error instanceof WatchtowerError)) throw error;
    return problemsShape.parse(error.details).problems;
  }
  return [];
}

describe('a definition file', () => {
  test('comes back as written, with the folder it lies in', () => {
    const definition = parseDefinition(valid, '/models/watchtower.yaml');
    expect(definition).toMatchObject({
      model: 'tiny',
      base_dir: '/models',
      windows: { current: { last: '7d' } },
    });
    expect(definition.drift).toBeUndefined();
  });

  test('may name another folder, relative to its own', () => {
    expect(parseDefinition(`${valid}base_dir: ../data\n`, '/models/watchtower.yaml').base_dir).toBe('/data');
  });

  test('of the flights example is valid', async () => {
    const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
    const file = path.join(root, 'examples/flights/watchtower.yaml');
    await expect(readFile(file, 'utf8')).resolves.toContain('model');
    await expect(readDefinitionFile(file)).resolves.toMatchObject({ base_dir: path.dirname(file) });
  });

  test('with broken YAML is refused with line and column', () => {
    expect(problemsOf(`${valid}notes: [1, 2\n`)).toEqual([
      expect.objectContaining({ line: expect.any(Number), column: expect.any(Number), field: '' }),
    ]);
    const [duplicate] = problemsOf(`${valid}model: other\n`);
    expect(duplicate).toMatchObject({ line: 14, column: 1 });
    expect(duplicate?.message).toMatch(/unique/);
  });

  test('with several mistakes is refused with all of them, in order, each at its place', () => {
    const wrong = valid
      .replace('model: tiny', 'model: a/b')
      .replace('command:', 'commnd:')
      .replace('roc_auc', 'rocauc');
    expect(problemsOf(wrong).map(({ line, column, field }) => [line, column, field])).toEqual([
      [2, 1, 'model'],
      [10, 1, 'retrain.command'],
      [11, 3, 'retrain.commnd'],
      [13, 3, 'evaluate.primary_metric'],
    ]);
  });

  test('with a misspelled field gets a hint', () => {
    const [problem] = problemsOf(valid.replace('time_column: time', 'time_column: time\n  colums: {}'));
    expect(problem).toMatchObject({
      line: 6,
      field: 'data.colums',
      message: 'there is no such field; did you mean "columns"?',
    });
  });

  test('with a field that is like no other gets the possible ones', () => {
    const [problem] = problemsOf(
      valid.replace('primary_metric: roc_auc', 'primary_metric: roc_auc\n  zzz: 1'),
    );
    expect(problem?.message).toMatch(/possible here: .*min_improvement/);
  });

  test('with a wrong window says what is wrong with the kind of window that was meant', () => {
    const problems = problemsOf(valid.replace('to: 2024-02-01', 'too: 2024-02-01'));
    expect(problems.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      expect.stringMatching(/^windows\.reference\.to: /),
      expect.stringMatching(/^windows\.reference\.too: there is no such field; did you mean "to"\?/),
    ]);
  });

  test('that holds no mapping is refused', () => {
    for (const text of ['', '- a\n', '42', '&a [*a]', 'a: .nan']) {
      expect(problemsOf(text).length).toBeGreaterThan(0);
    }
  });

  test('that is not there, or no file, is refused by name', async () => {
    await expect(readDefinitionFile('missing.yaml')).rejects.toThrow(
      /There is no definition file \/.*\/missing\.yaml; correct the path/,
    );
    await expect(readDefinitionFile('.')).rejects.toThrow(/is a folder; name the definition file in it/);
  });
});
