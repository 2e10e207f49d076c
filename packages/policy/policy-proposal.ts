import type { Evidence, PipelineState, RetrainingProposal } from '@watchtower/contracts';
import { confidenceOf } from './confidence.ts';
import { rootCauseSentences, verdictSentences } from './evidence-in-words.ts';
import { day, shortened } from './words.ts';

/** The tool's limits: `retrainingProposal` in the contracts. */
const most = { text: 4000, features: 50, name: 200 } as const;

/** What the policy reasoner proposes: what the verdict demands, with a plan made of the evidence. */
export function policyProposal(
  evidence: Evidence,
  { verdict, approval_required }: Pick<PipelineState, 'verdict' | 'approval_required'>,
) {
  const { urgency, retrain } = verdict;
  return {
    urgency,
    confidence: confidenceOf(evidence),
    root_cause: shortened(rootCauseSentences(evidence), most.text),
    rationale: shortened(`${verdictSentences(verdict)} ${consequence(retrain)}`, most.text),
    strategy: retrain ? 'full_retrain' : 'none',
    plan: {
      dataset: retrain ? datasetRecommendation(evidence) : '',
      features_to_review: driftedNames(evidence),
      evaluation_requirements: retrain ? evaluationRequirements(evidence) : [],
      promotion_criteria: retrain ? promotionCriteria(approval_required) : [],
      training: {},
    },
  } satisfies RetrainingProposal;
}

const consequence = (retrain: boolean): string =>
  retrain
    ? 'So the model should learn anew from newer rows. It replaces the present one only if it is better on' +
      ' rows that neither has seen.'
    : 'So the model stays as it is for now.';

const driftedNames = ({ columns }: Evidence): string[] => {
  const drifted = columns.filter(({ status }) => status === 'drifted');
  return drifted.slice(0, most.features).map(({ name }) => shortened(name, most.name));
};

const datasetRecommendation = ({ reference_window: before, current_window: now }: Evidence): string =>
  `The rows from ${day(now.from)} on, in which the data changed, together with those since` +
  ` ${day(before.from)} that the champion learned from. The last part of the window, up to ${day(now.to)},` +
  ' is left out for the evaluation, as the definition splits it.';

function evaluationRequirements({ champion, performance }: Evidence): string[] {
  if (champion === null) {
    return ['The first champion has to be usable on held-out rows: there is none yet that it could beat.'];
  }
  const requirements = [
    'On held-out rows that neither model learned from, the challenger is better in the primary metric by at' +
      ' least what the definition asks, and by more than chance.',
    'No other metric that the definition guards gets worse by more than it allows.',
  ];
  if (performance !== null && performance.decline > 0) {
    const { metric, at_promotion } = performance;
    requirements.push(
      `Its ${metric} should come back to what the champion had at its promotion: ${at_promotion.toFixed(4)}.`,
    );
  }
  return requirements;
}

function promotionCriteria(approval: PipelineState['approval_required']): string[] {
  const people = {
    always: 'People approve of it.',
    when_inconclusive: 'Where a check stays open, people approve of it.',
    never: 'No check stays open: nobody is asked about this model.',
  }[approval];
  return ['No check of the evaluation failed.', people];
}
