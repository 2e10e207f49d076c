import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { failureCatalogue } from './failure-catalogue.ts';
import { WatchtowerError } from './watchtower-error.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

test('the reference page lists the failures of the catalogue, with status and retryability', async () => {
  const page = await readFile(path.join(root, 'docs/reference/failures.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (yes|no) \| (.+?) \|/gm)].map(
    ([, code, status, retryable, title]) => ({ code, status, retryable, title }),
  );
  expect(rows).toEqual(
    Object.entries(failureCatalogue).map(([code, { status, retryable, title }]) => ({
      code,
      status: String(status),
      retryable: retryable ? 'yes' : 'no',
      title,
    })),
  );
});

test('an error of ours knows whether trying again can help', () => {
  expect(new WatchtowerError('MlflowUnavailable', 'down').retryable).toBe(true);
  expect(new WatchtowerError('UnknownModel', 'no').retryable).toBe(false);
});
