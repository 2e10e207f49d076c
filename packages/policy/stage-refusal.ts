import type { PipelineState, ToolName } from '@watchtower/contracts';
import type { Refusal } from './refusal.ts';
import { retrainingBarrier } from './verdict.ts';

/** What the stage of the run has against a tool, whatever its input. */
export function stageRefusal(state: PipelineState, tool: ToolName): Refusal | null {
  if (state.summary_written) {
    return { code: 'run_finished', reason: 'The summary is written; nothing may follow it.' };
  }
  switch (tool) {
    case 'inspect_statistical_drift':
    case 'inspect_feature_drift':
    case 'inspect_target_drift':
      return null;
    case 'decide_retraining':
      return decideRefusal(state);
    case 'trigger_retrain':
      return dryRunRefusal(state) ?? retrainRefusal(state);
    case 'evaluate_model':
      return dryRunRefusal(state) ?? evaluateRefusal(state);
    case 'promote_model':
      return dryRunRefusal(state) ?? promoteRefusal(state);
    case 'write_summary':
      return summaryRefusal(state);
  }
}

const dryRunRefusal = (state: PipelineState): Refusal | null =>
  state.dry_run
    ? { code: 'dry_run', reason: 'This is a dry run: say in the summary what would be done instead.' }
    : null;

const decideRefusal = ({ decision }: PipelineState): Refusal | null =>
  decision === null
    ? null
    : { code: 'already_decided', reason: 'A run decides once about its retraining; act by that decision.' };

const notDecided = (before: string): Refusal => ({
  code: 'not_decided',
  reason: `Nothing is decided yet: call decide_retraining before ${before}.`,
});

function retrainRefusal({ training, verdict, decision }: PipelineState): Refusal | null {
  if (training.status !== 'none') {
    const reason = `A run trains at most once, and this one's training was ${training.status}.`;
    return { code: 'already_trained', reason };
  }
  const barrier = retrainingBarrier(verdict);
  if (barrier !== null) return { code: 'retraining_not_warranted', reason: barrier };
  if (decision === null) return notDecided('trigger_retrain');
  if (decision.strategy !== 'none') return null;
  return { code: 'retraining_not_warranted', reason: 'The decision of this run is not to retrain now.' };
}

function evaluateRefusal({ training, evaluation }: PipelineState): Refusal | null {
  if (training.status !== 'succeeded') {
    const reason = 'Only the challenger that this run trained can be evaluated, and it has trained none.';
    return { code: 'not_trained', reason };
  }
  if (evaluation === null) return null;
  return { code: 'already_evaluated', reason: 'The challenger of this run was evaluated already.' };
}

function promoteRefusal({
  evaluation,
  training,
  promotion,
  approval_required,
}: PipelineState): Refusal | null {
  if (promotion !== null) {
    const reason = `A run puts one version forward, and that ended: ${promotion.status}.`;
    return { code: 'already_put_forward', reason };
  }
  if (training.status !== 'succeeded') {
    const reason = 'Only the challenger that this run trained can be promoted, and it has trained none.';
    return { code: 'not_trained', reason };
  }
  if (evaluation?.status !== 'done' || evaluation.version !== training.version) {
    const reason = `Version ${training.version} must be evaluated before it can be promoted.`;
    return { code: 'not_evaluated', reason };
  }
  const failed = evaluation.gates.filter((gate) => gate.status === 'failed');
  if (failed.length > 0 || evaluation.outcome === 'keep') {
    const names = failed.map((gate) => gate.name).join(', ');
    const reason = `The evaluation keeps the champion${names === '' ? '' : ` (failed: ${names})`}.`;
    return { code: 'gate_failed', reason };
  }
  const open = evaluation.outcome === 'inconclusive' || evaluation.gates.some((g) => g.status !== 'passed');
  if (open && approval_required === 'never') {
    const reason =
      'The evaluation is inconclusive and this model asks nobody for approval: the champion stays.';
    return { code: 'inconclusive_without_people', reason };
  }
  return null;
}

function summaryRefusal(state: PipelineState): Refusal | null {
  const { dry_run, decision, verdict, training, evaluation } = state;
  if (decision === null) return notDecided('the summary');
  if (dry_run) return null;
  if (verdict.retrain && training.status === 'none') {
    const reason = 'The verdict demands a retraining: call trigger_retrain before the summary.';
    return { code: 'retraining_not_tried', reason };
  }
  if (training.status === 'succeeded' && evaluation === null) {
    const reason = `Version ${training.version} was trained: call evaluate_model before the summary.`;
    return { code: 'not_evaluated', reason };
  }
  return null;
}
