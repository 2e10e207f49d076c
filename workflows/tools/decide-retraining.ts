import type { PipelineState, RetrainingProposal } from '@watchtower/contracts';
import { decisionOf } from '@watchtower/policy';
import { drift } from '../activities.ts';
import type { ToolAnswer, Toolbox } from './toolbox.ts';

/**
 * The reasoner's proposal after the rules have had their say: a step of its own, and what a training goes by. A plan that
 * names features the data do not have is no decision yet: it would cost a training to find out.
 */
export async function decideRetraining(
  { context, pen }: Toolbox,
  state: PipelineState,
  proposal: RetrainingProposal,
): Promise<ToolAnswer> {
  const names = proposal.plan.training.feature_subset;
  if (names !== undefined) {
    await drift.inspectDrift.executeWithOptions({ summary: "Look up the plan's features" }, [
      { run_id: context.run_id, question: { kind: 'features', names } },
    ]);
  }
  const decision = decisionOf(state.verdict, proposal);
  const { urgency, strategy, confidence, retrain, overrides } = decision;
  const [number = 0] = await pen.write(
    [
      {
        kind: 'evidence',
        name: 'retraining_decided',
        message: `Urgency ${urgency}, strategy ${strategy.replace('_', ' ')}, confidence ${confidence} %${overrides.length === 0 ? '' : `; overridden: ${overrides.map(({ rule }) => rule).join(', ')}`}.`,
        payload: { ...decision },
      },
    ],
    { decision, urgency },
  );
  return {
    result: { step: number, urgency, strategy, retrain, overrides: overrides.map((o) => ({ ...o })) },
    is_error: false,
    event: { type: 'decided', decision },
  };
}
