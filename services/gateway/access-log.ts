import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** One line a request, when its answer ended: no headers, no query, no bodies, and so no secrets. */
export function accessLog(log: Logger): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const { method, path } = request;
    response.once('close', () => {
      const caller: unknown = response.locals.caller_name;
      log.info(
        {
          method,
          path,
          status: response.statusCode,
          ms: Math.round(performance.now() - started),
          ...(typeof caller === 'string' ? { caller } : {}),
          ...(response.writableFinished ? {} : { aborted: true }),
        },
        'request',
      );
    });
    next();
  };
}
