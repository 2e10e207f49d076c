import type {
  ColumnReport,
  Digest,
  DriftReport,
  Evidence,
  JsonObject,
  RunId,
  TimeWindow,
} from '@watchtower/contracts';
import type { RunContext } from './run-context.ts';

export interface DriftActivities {
  /** Compares the windows and stores the report; a summary comes back. Key: run id. */
  measureDrift(input: {
    readonly context: RunContext;
    readonly reference: TimeWindow;
  }): Promise<DriftSummary>;
  /** The whole of the stored report's answer to one question. Read only. */
  inspectDrift(input: { readonly run_id: RunId; readonly question: DriftQuestion }): Promise<JsonObject>;
}

export type DriftQuestion =
  | { readonly kind: 'statistical' }
  | { readonly kind: 'feature'; readonly column: string }
  | { readonly kind: 'target' }
  /** Whether the data have these features. */
  | { readonly kind: 'features'; readonly names: readonly string[] };

export interface DriftSummary {
  readonly report_digest: Digest;
  readonly dataset: DriftReport['dataset'];
  readonly columns: Evidence['columns'];
  readonly target: DriftReport['target'];
  readonly worst_severity: ColumnReport['severity'];
  readonly max_psi: number | null;
}
