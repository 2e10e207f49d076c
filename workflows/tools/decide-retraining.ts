import type { PipelineState, RetrainingProposal } from '@watchtower/contracts';
import { decisionOf } from '@watchtower/policy';
import { drift } from '../activities.ts';
import { alertSteps, logAlerts } from '../alert.ts';
import type { ToolAnswer, Toolbox } from './toolbox.ts';

/**
 * The reasoner's proposal after the rules have had their say: a step of its own, and what a training goes by. A plan that
 * names features or classes the data do not have is no decision yet: it would cost a training to find out.
 */
export async function decideRetraining(
  { context, pen }: Toolbox,
  state: PipelineState,
  proposal: RetrainingProposal,
): Promise<ToolAnswer> {
  const { feature_subset: features, class_weights: weights } = proposal.plan.training;
  if (features !== undefined || weights !== undefined) {
    const { definition, run_id } = context;
    if (weights !== undefined && definition.task === 'regression') return refusal(noClasses);
    const classes = weights && Object.keys(weights);
    const declared = Object.keys(definition.retrain.class_weights ?? {});
    const question = {
      kind: 'plan',
      ...(features && { features }),
      ...(classes && { classes, declared }),
    } as const;
    await drift.inspectDrift.executeWithOptions({ summary: 'Look up what the plan names' }, [
      { run_id, question },
    ]);
  }
  const decision = decisionOf(state.verdict, proposal);
  const { urgency, strategy, confidence, retrain, overrides } = decision;
  const told = state.decision?.urgency ?? state.verdict.urgency;
  const alert = alertSteps(urgency, told, { by: 'decision', detail: proposal.root_cause });
  const [number = 0] = await pen.write(
    [
      {
        kind: 'evidence',
        name: 'retraining_decided',
        message: `Urgency ${urgency}, strategy ${strategy.replace('_', ' ')}, confidence ${confidence} %${overrides.length === 0 ? '' : `; overridden: ${overrides.map(({ rule }) => rule).join(', ')}`}.`,
        payload: { ...decision },
      },
      ...alert,
    ],
    { decision, urgency },
  );
  logAlerts(context, alert);
  return {
    result: { step: number, urgency, strategy, retrain, overrides: overrides.map((o) => ({ ...o })) },
    is_error: false,
    event: { type: 'decided', decision },
  };
}

const noClasses = 'The target is a number and has no classes: leave class_weights out of the plan.';

const refusal = (message: string): ToolAnswer => ({
  result: { error: 'ClassUnknown', message },
  is_error: true,
  event: null,
});
