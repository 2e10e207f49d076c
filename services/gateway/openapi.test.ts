import { describe, expect, jest, test } from '@jest/globals';
import { parseEnvironment } from '@watchtower/contracts';
import { pino } from 'pino';
import { z } from 'zod';
import { apiPrefix, createApp } from './app.ts';
import { closeContext, createContext } from './context.ts';
import { openApiDocument } from './openapi.ts';
import { endpoints } from './routes/index.ts';

jest.setTimeout(30_000);

/** What Express answers, as `get /pipeline/{run_id}/steps`. */
async function mountedRoutes(): Promise<string[]> {
  const context = createContext(
    parseEnvironment({ DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }),
    pino({ level: 'silent' }),
    AbortSignal.abort(),
  );
  const { stack } = createApp(context).router;
  await closeContext(context);
  return stack.flatMap(({ route }) => {
    if (route === undefined || ['/docs', '/openapi.json'].includes(route.path)) return [];
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const methods = new Set(route.stack.map(({ method }) => method));
    // `app.all`, which answers 405, is a route with every method that Node knows.
    return methods.size > 5 ? [] : [...methods].map((method) => `${method} ${path}`);
  });
}

describe('the OpenAPI document', () => {
  const document = openApiDocument(endpoints, apiPrefix);
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );

  test('names every route of the application, and no other', async () => {
    expect((await mountedRoutes()).toSorted()).toEqual(documented.toSorted());
    expect(documented).toContain('post /pipeline/run');
    expect(documented).toContain('post /api/v1/pipeline/run');
  });

  test('gives every operation an id of its own', () => {
    const operation = z.looseObject({ operationId: z.string() });
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((each) => operation.parse(each).operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('describes shapes by the schemas that check them', () => {
    const run = JSON.stringify(document.paths['/pipeline/run']);
    expect(run).toContain('data_window_id');
    expect(run).toContain('Idempotency-Key');
  });
});
