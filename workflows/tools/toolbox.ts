import type { RunContext } from '@watchtower/activities';
import type { ChampionInfo, EvaluationReport, JsonObject } from '@watchtower/contracts';
import type { PipelineEvent } from '@watchtower/policy';
import type { ApprovalDesk } from '../approval-desk.ts';
import type { GatheredEvidence } from '../evidence.ts';
import type { Pen } from '../pen.ts';

/** What a promotion rests on. */
export interface Evaluated {
  readonly report: EvaluationReport;
  /** The champion it was compared with. */
  readonly champion: ChampionInfo | null;
}

/** What a tool gives back: an answer for the reasoner and, where something happened, the event that tells the guard. */
export interface ToolAnswer {
  readonly result: JsonObject;
  readonly is_error: boolean;
  readonly event: PipelineEvent | null;
}

/** What tools share in one run. */
export interface Toolbox {
  readonly context: RunContext;
  readonly gathered: GatheredEvidence;
  readonly pen: Pen;
  readonly desk: ApprovalDesk;
  evaluated: Evaluated | null;
}
