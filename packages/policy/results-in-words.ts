import type { PipelineState, RetrainingDecision } from '@watchtower/contracts';
import { retrainingBarrier } from './verdict.ts';
import { sentence } from './words.ts';

/** What the policy reasoner says of what was done, for people who are not engineers. */

type DoneEvaluation = Extract<NonNullable<PipelineState['evaluation']>, { status: 'done' }>;

/** What came of the run so far; in a dry run, what would come of it. */
export function resultSentences(state: PipelineState): readonly string[] {
  const { training, evaluation, promotion } = state;
  if (state.dry_run) return ['This was a dry run, so nothing was changed.', dryRunSentence(state)];
  const sentences = [trainingSentence(training, isRetrainingDue(state))];
  if (evaluation?.status === 'done') sentences.push(evaluationSentences(evaluation));
  if (evaluation?.status === 'failed') {
    sentences.push(`The models could not be compared: ${sentence(evaluation.detail)}`);
  }
  if (promotion !== null) sentences.push(promotionSentences(promotion));
  else if (training.status === 'succeeded') sentences.push('The champion stays as it is.');
  return sentences;
}

/** A retraining was decided, or is demanded whatever will be decided. */
export const isRetrainingDue = ({ verdict, decision }: PipelineState): boolean =>
  decision === null ? verdict.retrain : decision.strategy !== 'none';

function dryRunSentence(state: PipelineState): string {
  if (!isRetrainingDue(state) || retrainingBarrier(state.verdict) !== null) {
    return 'Otherwise nothing would have been done either.';
  }
  const compared =
    'Otherwise the model would now be retrained and compared with its champion on rows that neither has seen;';
  const then = {
    always: 'if no check failed, people would be asked whether to promote it.',
    when_inconclusive:
      'if every check passed, it would be promoted, and if a check stayed open, people would be asked.',
    never: 'if every check passed, it would be promoted.',
  }[state.approval_required];
  return `${compared} ${then}`;
}

export function decisionSentence({ urgency, confidence, strategy, overrides }: RetrainingDecision): string {
  const what = strategy === 'none' ? 'no retraining now' : `a retraining (${strategy.replaceAll('_', ' ')})`;
  const overridden = overrides.map(
    ({ field, proposed, final }) => ` The rules changed the proposed ${field} "${proposed}" to "${final}".`,
  );
  return `Decided: urgency "${urgency}", ${what}, with a confidence of ${confidence} %.${overridden.join('')}`;
}

export function trainingSentence(training: PipelineState['training'], due: boolean): string {
  switch (training.status) {
    case 'none':
      return due ? 'A retraining was called for, but none was carried out.' : 'No retraining was started.';
    case 'refused': {
      const why = training.reason === 'busy' ? 'another one is under way' : 'the last one is too recent';
      return `No retraining was started, because ${why}: ${sentence(training.detail)}`;
    }
    case 'failed':
      return `The retraining did not succeed: ${sentence(training.detail)}`;
    case 'succeeded':
      return `The model was retrained; the new version is ${training.version}.`;
  }
}

export function evaluationSentences({ version, outcome, improvement, gates }: DoneEvaluation): string {
  const sentences = [
    {
      promote: `Version ${version} passed every check on rows that no model has seen.`,
      inconclusive: `The checks leave open whether version ${version} is better.`,
      keep: `Version ${version} did not pass the checks.`,
    }[outcome],
  ];
  if (improvement !== null) {
    const by = Math.abs(improvement.difference).toFixed(4);
    const compared = improvement.difference < 0 ? 'worse' : 'better';
    sentences.push(`Its ${improvement.metric} is ${by} ${compared} than the champion's.`);
  }
  for (const gate of gates) if (gate.status !== 'passed') sentences.push(sentence(gate.reason));
  return sentences.join(' ');
}

function promotionSentences({ status, version, detail }: NonNullable<PipelineState['promotion']>): string {
  const said = {
    promoted: `Version ${version} is the champion now.`,
    kept: `Version ${version} was not promoted; the champion stays.`,
    rejected: `People rejected version ${version}; the champion stays.`,
    expired: `Nobody decided on version ${version} in time; the champion stays.`,
    void: `The approval of version ${version} no longer held; the champion stays.`,
    superseded: `Somebody else moved the champion meanwhile; version ${version} was not promoted.`,
    failed: `The promotion of version ${version} could not be carried out.`,
  }[status];
  return detail.trim() === '' ? said : `${said} ${sentence(detail)}`;
}

/** One line on how the run ended. */
export function headlineOf(model: string, state: PipelineState): string {
  const { promotion, training, evaluation } = state;
  const { urgency } = state.decision ?? state.verdict;
  if (state.dry_run) return `Dry run for ${model}: urgency ${urgency}, nothing changed`;
  if (promotion?.status === 'promoted') return `${model}: version ${promotion.version} is the new champion`;
  if (promotion !== null)
    return `${model}: version ${promotion.version} was put forward and ${promotion.status}`;
  if (evaluation?.status === 'failed') return `${model}: the models could not be compared`;
  switch (training.status) {
    case 'none':
      return `${model}: urgency ${urgency}, no retraining`;
    case 'refused':
      return `${model}: retraining not started (${training.reason.replace('_', ' ')})`;
    case 'failed':
      return `${model}: the retraining failed`;
    case 'succeeded':
      return `${model}: version ${training.version} was trained, the champion stays`;
  }
}
