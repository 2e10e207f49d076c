import type { Step } from '@watchtower/contracts';
import type { ApprovalModel, PromotionModel, RunModel } from '@watchtower/database';

type RunWithRecords = RunModel & {
  readonly approval: ApprovalModel | null;
  readonly promotion: PromotionModel | null;
};

const last = (steps: readonly Step[], name: string) => steps.findLast((step) => step.name === name);
const text = (step: Step | undefined, key: string): string | undefined => {
  const value = step?.payload[key];
  return typeof value === 'string' ? value : undefined;
};

/**
 * Where an ended run's rows say something else than its steps: the steps are proved by their hashes, the rows are
 * not. The last step tells status and outcome, `approval_decided` the decision, `promotion_settled` the promotion.
 */
export function rowProblems(run: RunWithRecords, steps: readonly Step[]): string[] {
  const end = steps.at(-1);
  const decided = last(steps, 'approval_decided');
  const settled = last(steps, 'promotion_settled');
  const promoted = text(settled, 'status') === 'promoted';
  const claims: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['status', run.status, text(end, 'status')],
    ['outcome', run.outcome ?? undefined, text(end, 'outcome')],
    ['approval', decided && run.approval?.status, text(decided, 'status')],
    ['promotion', settled && run.promotion?.status, text(settled, 'status')],
    ['flag "promoted"', String(run.promoted), String(promoted)],
  ];
  return claims
    .filter(([, row, told]) => row !== told)
    .map(
      ([what, row, told]) =>
        `the row says ${what} is ${row ?? 'nothing'}, the steps say ${told ?? 'nothing'}`,
    );
}
