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
  /** Whether the data have what a plan names. */
  | {
      readonly kind: 'plan';
      readonly features?: readonly string[];
      /** Classes of the target. */
      readonly classes?: readonly string[];
      /** Classes that the definition names: taken for known. */
      readonly declared?: readonly string[];
    };

export interface DriftSummary {
  readonly report_digest: Digest;
  readonly dataset: DriftReport['dataset'];
  readonly columns: Evidence['columns'];
  readonly target: DriftReport['target'];
  readonly worst_severity: ColumnReport['severity'];
  readonly max_psi: number | null;
}
