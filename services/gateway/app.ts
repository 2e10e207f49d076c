import { WatchtowerError } from '@watchtower/contracts';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { accessLog } from './access-log.ts';
import type { Caller } from './api-keys.ts';
import { authenticate, requireScope } from './authentication.ts';
import { crossOrigin, securityHeaders } from './browser-rules.ts';
import type { GatewayContext } from './context.ts';
import { mountDocumentation } from './documentation.ts';
import type { Endpoint } from './endpoint.ts';
import { problemFor } from './problems.ts';
import { endpoints } from './routes/index.ts';

export const apiPrefix = '/api/v1';

const anonymous: Caller = { id: '', name: 'anonymous', scopes: [] };
const jsonTypes = ['application/json', 'application/*+json'];
const readJson = express.json({ limit: '1mb', type: jsonTypes, strict: false });
const readBytes = express.raw({ limit: '1mb', type: () => true });

/** The application without a server: `http.createServer(createApp(context))` serves it. */
export function createApp(context: GatewayContext): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(accessLog(context.log), securityHeaders, crossOrigin(context.environment.ALLOWED_ORIGINS));
  mountDocumentation(app, apiPrefix);

  const routes = endpoints.flatMap(mounted);
  for (const { path, endpoint } of routes) app[endpoint.method](path, serving(context, endpoint));
  for (const path of new Set(routes.map((route) => route.path))) {
    const there = routes.filter((route) => route.path === path).map(({ endpoint }) => endpoint.method);
    app.all(path, otherMethods(there));
  }
  app.use(unknownRoute(context));
  app.use(problemAnswers(context));
  return app;
}

/** The paths of an endpoint, as Express writes them. */
function mounted(endpoint: Endpoint): readonly { readonly path: string; readonly endpoint: Endpoint }[] {
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const paths = [`${apiPrefix}${path}`, ...(endpoint.atRoot ? [path] : [])];
  return paths.map((each) => ({ path: each, endpoint }));
}

function serving(context: GatewayContext, endpoint: Endpoint): RequestHandler {
  return async (request, response) => {
    let caller = anonymous;
    if (endpoint.scope !== null) {
      caller = await authenticate(request, context.keys);
      response.locals.caller_name = caller.name;
      requireScope(caller, endpoint.scope);
    }
    // Only known callers get their body read.
    if (endpoint.method === 'post') await readBody(request, response);
    await endpoint.serve(context, request, response, caller);
  };
}

async function readBody(request: Request, response: express.Response): Promise<void> {
  const announced =
    request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;
  if (!announced) return;
  if (request.is(jsonTypes)) {
    await read(readJson, request, response);
    return;
  }
  // A body sent in chunks tells only at its end that it is empty, and so of no type.
  await read(readBytes, request, response);
  const bytes: unknown = request.body;
  request.body = undefined;
  if (Buffer.isBuffer(bytes) && bytes.length > 0) {
    throw new WatchtowerError(
      'UnsupportedMediaType',
      `The body is "${request.get('content-type') ?? 'of no type'}"; send JSON with "Content-Type: application/json".`,
    );
  }
}

const read = (parser: RequestHandler, request: Request, response: express.Response): Promise<void> =>
  new Promise((resolve, reject) => {
    void parser(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });

function otherMethods(methods: readonly Endpoint['method'][]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : ['POST']));
  return (request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new WatchtowerError(
      'MethodNotAllowed',
      `${request.path} has no ${request.method}; it has ${allowed.join(', ')}.`,
    );
  };
}

function unknownRoute(context: GatewayContext): RequestHandler {
  return async (request) => {
    await authenticate(request, context.keys);
    throw new WatchtowerError(
      'NotFound',
      `There is no ${request.method} ${request.path}. GET /openapi.json lists what there is.`,
    );
  };
}

function problemAnswers(context: GatewayContext): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = problemFor(error);
    if (problem.status >= 500) {
      const level = problem.code === 'Internal' ? 'error' : 'warn';
      context.log[level](
        { err: error, method: request.method, path: request.path, code: problem.code },
        problem.title,
      );
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer realm="watchtower"');
    if (problem.status === 503) response.set('Retry-After', '2');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}
