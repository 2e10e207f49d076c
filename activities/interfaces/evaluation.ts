import type {
  Digest,
  EvaluationReport,
  RegisteredVersion,
  ScoredModel,
  TimeWindow,
} from '@watchtower/contracts';
import type { RunContext } from './run-context.ts';

export interface EvaluationActivities {
  /** The held-out rows with a label, as a Parquet artifact. Key: run id. */
  prepareEvaluation(input: { readonly context: RunContext }): Promise<{
    readonly rows_artifact: Digest;
    readonly rows: number;
    readonly unlabelled: number;
    readonly window: TimeWindow;
  }>;
  /** Scores the rows with one version in its own environment. Key: (run, version). */
  scoreModel(input: {
    readonly context: RunContext;
    readonly version: RegisteredVersion & { readonly training_window: TimeWindow | null };
    readonly rows_artifact: Digest;
  }): Promise<ScoredModel>;
  /** Metrics and gates on the stored predictions; stores the evaluation. Key: run id. */
  compareModels(input: {
    readonly context: RunContext;
    readonly challenger: ScoredModel;
    readonly champion: ScoredModel | null;
    readonly rows_artifact: Digest;
    readonly window: TimeWindow;
  }): Promise<EvaluationReport>;
}
