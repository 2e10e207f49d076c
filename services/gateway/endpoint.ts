import { type FailureCode, fieldProblems, type Scope } from '@watchtower/contracts';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Caller } from './api-keys.ts';
import type { GatewayContext } from './context.ts';
import { RequestProblem } from './problems.ts';

/** A request whose every part was checked. */
export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  header(name: string): string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What the OpenAPI document says about an endpoint. */
interface Description {
  readonly method: 'get' | 'post';
  /** As in OpenAPI: `/pipeline/{run_id}/steps`. */
  readonly path: string;
  /** Mounted without the prefix `/api/v1` as well. */
  readonly atRoot: boolean;
  /** Null: no key is asked for. */
  readonly scope: Scope | null;
  readonly tag: 'Runs' | 'Reports' | 'Models' | 'Health';
  readonly summary: string;
  readonly description?: string;
  /** Request headers that mean something here. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema: z.ZodType }>>;
  /** The codes a client should expect, beside those every endpoint may give. */
  readonly failures: readonly FailureCode[];
}

interface Shapes<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly params: P;
  /** What a path is answered with whose parameters cannot name anything. */
  readonly unknown: FailureCode;
  readonly query: Q;
  readonly body: B;
}

/** An endpoint as the application mounts it; its types were checked where it is defined. */
export interface Endpoint extends Description, Shapes<z.ZodObject, z.ZodObject, z.ZodType> {
  serve(context: GatewayContext, request: Request, response: Response, caller: Caller): Promise<void>;
}

type CheckedCall<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> = Call<
  z.output<P>,
  z.output<Q>,
  z.output<B>
>;

/** For endpoints without parameters. */
export const nothing = z.strictObject({});
/** For endpoints without a body; an empty object is let through. */
export const noBody = nothing.optional();

/** An endpoint that answers with JSON. */
export function endpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  spec: Description &
    Shapes<P, Q, B> & { answer(context: GatewayContext, call: CheckedCall<P, Q, B>): Promise<Answer> },
): Endpoint {
  return {
    ...spec,
    async serve(context, request, response, caller) {
      const { status, body } = await spec.answer(context, checkedCall(spec, request, caller));
      response.status(status).json(body);
    },
  };
}

/** An endpoint that writes its answer by itself. */
export function streamEndpoint<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  spec: Description &
    Shapes<P, Q, B> & {
      stream(context: GatewayContext, call: CheckedCall<P, Q, B>, response: Response): Promise<void>;
    },
): Endpoint {
  return {
    ...spec,
    serve: (context, request, response, caller) =>
      spec.stream(context, checkedCall(spec, request, caller), response),
  };
}

/** @throws RequestProblem that names every wrong field of query and body at once */
function checkedCall<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  shapes: Shapes<P, Q, B>,
  request: Request,
  caller: Caller,
): CheckedCall<P, Q, B> {
  const params = shapes.params.safeParse(request.params);
  if (!params.success) {
    const named = Object.values(request.params).join('/');
    throw new RequestProblem(
      shapes.unknown,
      `"${named}" is not of the form such an id has.`,
      fieldProblems(params.error, 'path'),
    );
  }
  const query = shapes.query.safeParse(request.query);
  const body = shapes.body.safeParse(request.body);
  if (!query.success || !body.success) {
    const errors = [
      ...(query.success ? [] : fieldProblems(query.error, 'query')),
      ...(body.success ? [] : fieldProblems(body.error, 'body')),
    ];
    const listed = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new RequestProblem('InvalidRequest', `The request is not valid: ${listed}.`, errors);
  }
  return {
    params: params.data,
    query: query.data,
    body: body.data,
    caller,
    header: (name) => request.get(name),
  };
}
