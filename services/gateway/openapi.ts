import { failureCatalogue, problem } from '@watchtower/contracts';
import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';

type SchemaObject = Record<string, unknown>;

/** Failures any endpoint may answer with. */
const always = ['InvalidRequest', 'DatabaseUnavailable', 'Internal'] as const;
const authenticated = ['Unauthorized', 'Forbidden'] as const;

/** The OpenAPI 3.1 document of these endpoints; shapes are generated from the schemas that check the requests. */
export function openApiDocument(endpoints: readonly Endpoint[], prefix: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const places = [`${prefix}${endpoint.path}`, ...(endpoint.atRoot ? [endpoint.path] : [])];
    for (const [index, path] of places.entries()) {
      paths[path] = { ...paths[path], [endpoint.method]: operation(endpoint, path, index > 0) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Watchtower',
      version: '1',
      description:
        'Keeps machine-learning models in production healthy. Errors are problem details (RFC 9457); `code` is one of ' +
        'the catalogue.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Problem: jsonSchema(problem, 'output') },
    },
  };
}

function operation(endpoint: Endpoint, path: string, alias: boolean) {
  const body = jsonSchema(endpoint.body, 'input');
  const takesBody = endpoint.method === 'post' && Object.keys(properties(body)).length > 0;
  return {
    operationId: `${endpoint.method}${path.replaceAll(/[{}]/g, '').replaceAll(/[/_.-]+(\w)/g, (_, c: string) => c.toUpperCase())}`,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: [
      endpoint.description,
      endpoint.scope === null ? undefined : `Scope: \`${endpoint.scope}\`.`,
      alias ? 'The same as the path under `/api/v1`.' : undefined,
    ]
      .filter((sentence) => sentence !== undefined)
      .join(' '),
    ...(endpoint.scope === null ? { security: [] } : {}),
    parameters: [
      ...parameters(endpoint.params, 'path'),
      ...parameters(endpoint.query, 'query'),
      ...Object.entries(endpoint.headers ?? {}).map(([name, description]) => ({
        name,
        in: 'header',
        required: false,
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(takesBody
      ? { requestBody: { required: !endpoint.body.safeParse(undefined).success, content: content(body) } }
      : {}),
    responses: { ...answers(endpoint), ...problems(endpoint) },
  };
}

function parameters(shape: z.ZodObject, place: 'path' | 'query') {
  const schema = jsonSchema(shape, 'input');
  const required = z.array(z.string()).catch([]).parse(schema.required);
  return Object.entries(properties(schema)).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: of,
  }));
}

function answers({ answers }: Endpoint) {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => [
      status,
      status === '204'
        ? { description }
        : {
            description,
            content:
              description === 'text/event-stream'
                ? { 'text/event-stream': { schema: { type: 'string' } } }
                : content(jsonSchema(schema, 'output')),
          },
    ]),
  );
}

/** Several codes may share a status: the answer then lists them. */
function problems({ scope, failures, answers: documented }: Endpoint) {
  const codes = [...always, ...(scope === null ? [] : authenticated), ...failures];
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const { status, title } = failureCatalogue[code];
    if (status in documented) continue;
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, described]) => [
      status,
      {
        description: described.join('. '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

const content = (schema: SchemaObject) => ({ 'application/json': { schema } });

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): SchemaObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest;
}

const properties = (schema: SchemaObject): SchemaObject =>
  z.record(z.string(), z.unknown()).catch({}).parse(schema.properties);
