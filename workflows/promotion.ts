import { CancellationScope, sleep } from '@temporalio/workflow';
import type { RunContext } from '@watchtower/activities';
import type { Digest, Failure } from '@watchtower/contracts';
import { mlflow, runs } from './activities.ts';
import { failureOf } from './failure-of.ts';
import { LeaseHolder } from './lease-holder.ts';
import { Pen, type PenState } from './pen.ts';
import { lateWriteLimit, resultOf, type Settled, settle } from './settled-promotion.ts';

export interface PromotionInput {
  readonly context: RunContext;
  readonly version: string;
  /** The champion the evaluation compared with; null where there was none. */
  readonly expected_version: string | null;
  readonly evidence_digest: Digest;
  readonly pen: PenState;
}

export type PromotionResult = Settled | { readonly status: 'void'; readonly detail: string };

/** How long an approved promotion asks again for a lease that another run holds. */
const leaseDeadline = 60 * 60_000;

/**
 * Moves the champion alias: lease, compare, intent, act, read back, outcome. No parent closes it, and from the intent on
 * nothing cancels it. What became of it is its result, which brings the pen back. A second execution gives the result of
 * the first, where that had settled one.
 */
export async function promotion(
  input: PromotionInput,
): Promise<PromotionResult & { readonly pen: PenState }> {
  const { context } = input;
  const pen = new Pen(context.run_id, input.pen);
  const lease = new LeaseHolder(context.model, 'promotion', context.run_id);
  try {
    const earlier = await runs.settlePromotion.executeWithOptions(
      { summary: 'Look whether this run has promoted already' },
      [{ run_id: context.run_id }],
    );
    if (earlier && !earlier.unwritten) return { ...resultOf(earlier, settledBefore), pen: pen.state };
    if (earlier) return { ...(await goOn(input, pen, lease)), pen: pen.state };
    const busy = await takeLease(lease);
    if (busy) return { ...failed(busy), pen: pen.state };
    const obstacle = await obstacleTo(input);
    if (obstacle) return { ...obstacle, pen: pen.state };
    const settled = await CancellationScope.nonCancellable(() => moveAlias(input, pen));
    return { ...settled, pen: pen.state };
  } catch (error) {
    return { ...failed(failureOf(error)), pen: pen.state };
  } finally {
    await lease.release();
  }
}

/**
 * An earlier execution wrote the intent and no outcome, so the alias may be set already: nothing that changed since makes
 * the promotion void, and where this execution gets no lease to act, the alias says what happened.
 */
async function goOn(input: PromotionInput, pen: Pen, lease: LeaseHolder): Promise<Settled> {
  const hindrance = await takeLease(lease).catch(failureOf);
  return CancellationScope.nonCancellable(async () => {
    if (!hindrance) return moveAlias(input, pen);
    await pen.recover();
    return settle(input.context, pen, hindrance);
  });
}

const settledBefore: Failure = { code: 'WorkflowFailed', message: 'The promotion was settled before.' };

const failed = ({ code, message }: Failure) => ({ status: 'failed', code, detail: message }) as const;

async function takeLease(lease: LeaseHolder): Promise<Failure | null> {
  const deadline = Date.now() + leaseDeadline;
  for (;;) {
    const answer = await lease.acquire();
    if (answer.status === 'granted') return null;
    if (Date.now() > deadline) {
      const message =
        answer.status === 'busy'
          ? `Run ${answer.held_by.run_id} held the ${answer.held_by.purpose} lease for more than an hour.`
          : 'The lease was refused.';
      return { code: 'LeaseHeld', message };
    }
    await sleep('10s');
  }
}

/** What has changed since the evidence was made, so that the approval is void. */
async function obstacleTo(input: PromotionInput): Promise<PromotionResult | null> {
  const { context, version, expected_version } = input;
  const seen = await mlflow.readPromotion.executeWithOptions(
    { summary: 'Compare with what the evidence rests on' },
    [{ context, version }],
  );
  if (!seen.basis_unchanged) {
    return {
      status: 'void',
      detail: 'The definition changed in parts that the evidence rests on. Start a new run.',
    };
  }
  if (seen.champion_version !== expected_version && seen.champion_version !== version) {
    const now = seen.champion_version ?? 'none';
    return {
      status: 'void',
      detail: `The champion is version ${now}, the evidence compared with ${expected_version ?? 'none'}.`,
    };
  }
  if (seen.files_present) return null;
  const message = `The model files of version ${version} of ${context.definition.registered_model} are missing.`;
  return failed({ code: 'ModelFilesMissing', message });
}

async function moveAlias(input: PromotionInput, pen: Pen): Promise<Settled> {
  const { context, version, expected_version, evidence_digest } = input;
  const { alias } = context.definition.promote;
  const { registered_model } = context.definition;
  const row = { registered_model, alias, version, previous_version: expected_version };
  await pen.write(
    [
      {
        kind: 'intent',
        name: 'promotion_intended',
        message: `Set alias ${alias} of ${registered_model} from version ${expected_version ?? 'none'} to ${version}.`,
        payload: { ...row, evidence_digest },
      },
    ],
    { promotion: { ...row, status: 'intended' } },
  );
  const settled = await setAlias(input, pen.state.head);
  await pen.write(
    [
      {
        kind: 'outcome',
        name: 'promotion_settled',
        message: settled.detail,
        payload: {
          ...row,
          status: settled.status,
          ...(settled.status === 'failed' && { code: settled.code }),
        },
      },
    ],
    {
      promotion: { ...row, status: settled.status, detail: settled.detail },
      ...(settled.status === 'promoted' && { flags: { promoted: true } }),
    },
  );
  return settled;
}

async function setAlias(
  { context, version, expected_version }: PromotionInput,
  audit_head: Digest,
): Promise<Settled> {
  const { registered_model, promote } = context.definition;
  const act = () =>
    mlflow.setChampion.executeWithOptions({ summary: `Set alias ${promote.alias} to version ${version}` }, [
      {
        run_id: context.run_id,
        registered_model,
        alias: promote.alias,
        version,
        expected_version,
        audit_head,
      },
    ]);
  try {
    let answer = await act();
    while (answer.attempts > 1) {
      // An earlier attempt's write may still be on its way: wait until it cannot be, then look again.
      await sleep(lateWriteLimit);
      answer = await act();
    }
    return answer.status === 'promoted'
      ? { status: 'promoted', detail: `Version ${version} of ${registered_model} is the champion.` }
      : {
          status: 'superseded',
          detail: `The alias was moved to version ${answer.champion_version ?? 'none'} by somebody else; it was left there.`,
        };
  } catch (error) {
    return byAlias(context, failureOf(error));
  }
}

/** The act broke off: whether it took effect is not what the error says but what the alias says, once nothing is on its way. */
async function byAlias(context: RunContext, why: Failure): Promise<Settled> {
  await sleep(lateWriteLimit);
  const settled = await runs.settlePromotion.executeWithOptions(
    { summary: 'Ask the alias what became of the promotion' },
    [{ run_id: context.run_id }],
  );
  return settled?.promotion.status === 'promoted'
    ? {
        status: 'promoted',
        detail: `Version ${settled.promotion.version} is the champion, although: ${why.message}`,
      }
    : failed(why);
}
