import type { PipelineState, RetrainingProposal } from '@watchtower/contracts';
import { decisionOf } from '@watchtower/policy';
import type { ToolAnswer, Toolbox } from './toolbox.ts';

/** The reasoner's proposal after the rules have had their say: a step of its own, and what a training goes by. */
export async function decideRetraining(
  { pen }: Toolbox,
  state: PipelineState,
  proposal: RetrainingProposal,
): Promise<ToolAnswer> {
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
