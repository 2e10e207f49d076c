import { randomUUID } from 'node:crypto';
import {
  type AppliedModel,
  type AuditAnswer,
  appliedModel,
  auditAnswer,
  type CancelAccepted,
  cancelAccepted,
  type DecisionAccepted,
  type DecisionPending,
  decisionAccepted,
  decisionPending,
  type decisionRequest,
  type HistoryPage,
  historyPage,
  type JsonObject,
  type RunAccepted,
  type RunDetail,
  runAccepted,
  runDetail,
  type runRequest,
  type StoredEvaluation,
  storedEvaluation,
  type WatchedModels,
  watchedModels,
} from '@watchtower/contracts';
import type { z } from 'zod';
import { type FollowedEvent, type FollowOptions, followRun } from './follow-run.ts';
import type { GatewayAddress } from './gateway-address.ts';
import { type ConnectionOptions, GatewayConnection } from './gateway-connection.ts';

/** As in `?page=&page_size=&model=&status=`: the gateway checks it. */
export type RunsQuery = Readonly<Partial<Record<'page' | 'page_size' | 'model' | 'status', string>>>;

/**
 * The gateway's API (docs/reference/http.md), checked against the contracts. Every method throws a WatchtowerError: with
 * the gateway's own code where it refuses, `GatewayUnavailable` where it does not answer, `GatewayNotUnderstood` where
 * something else does.
 */
export class GatewayClient {
  readonly #connection: GatewayConnection;

  constructor(address: GatewayAddress, options: ConnectionOptions = {}) {
    this.#connection = new GatewayConnection(address, options);
  }

  models(): Promise<WatchedModels> {
    return this.#get('/models', watchedModels);
  }

  /** Not repeated after it may have arrived: sent late, it could undo what somebody else applied meanwhile. */
  apply(definition: JsonObject): Promise<AppliedModel> {
    return this.#connection.ask({ method: 'POST', path: '/models', body: { definition } }, appliedModel);
  }

  startRun(request: z.input<typeof runRequest>): Promise<RunAccepted> {
    return this.#post('/pipeline/run', request, runAccepted);
  }

  runs(query: RunsQuery = {}): Promise<HistoryPage> {
    return this.#get(`/pipeline/history?${new URLSearchParams({ ...query }).toString()}`, historyPage);
  }

  run(runId: string): Promise<RunDetail> {
    return this.#get(`/pipeline/status/${encodeURIComponent(runId)}`, runDetail);
  }

  /** Its steps as they come, and its end. @throws also where a stream cannot be read */
  follow(runId: string, options: FollowOptions = {}): AsyncGenerator<FollowedEvent> {
    return followRun(this.#connection, runId, options);
  }

  evaluation(runId: string): Promise<StoredEvaluation> {
    return this.#get(`/reports/eval/${encodeURIComponent(runId)}`, storedEvaluation);
  }

  /** @returns the decision, or that it is pending where no worker answered in time */
  decide(
    runId: string,
    request: z.input<typeof decisionRequest>,
  ): Promise<DecisionAccepted | DecisionPending> {
    const path = `/pipeline/${encodeURIComponent(runId)}/decision`;
    return this.#post(path, request, decisionAccepted.or(decisionPending));
  }

  cancel(runId: string): Promise<CancelAccepted> {
    return this.#post(`/pipeline/${encodeURIComponent(runId)}/cancel`, {}, cancelAccepted);
  }

  audit(runId: string): Promise<AuditAnswer> {
    return this.#get(`/pipeline/${encodeURIComponent(runId)}/audit`, auditAnswer);
  }

  #get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    return this.#connection.ask({ method: 'GET', path }, schema);
  }

  /** With an Idempotency-Key, so that a request whose answer was lost is repeated without a second effect. */
  #post<T extends z.ZodType>(path: string, body: unknown, schema: T): Promise<z.output<T>> {
    return this.#connection.ask({ method: 'POST', path, body, idempotencyKey: randomUUID() }, schema);
  }
}
