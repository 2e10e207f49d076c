import type { Evidence, Verdict } from '@watchtower/contracts';
import { declineDetail, mediumDecline } from './triggers.ts';
import { count, day, sentence, shortened } from './words.ts';

/** What the policy reasoner says of the evidence, for people who are not engineers. */

type ColumnEvidence = Evidence['columns'][number];

/** The drifted column that moved most: by PSI, then by effect, then by name. */
export function worstColumn(evidence: Evidence): ColumnEvidence | null {
  const moved = evidence.columns.filter((column) => column.status === 'drifted');
  const mostFirst = moved.toSorted(
    (a, b) =>
      (b.psi ?? -1) - (a.psi ?? -1) || (b.effect ?? -1) - (a.effect ?? -1) || (a.name < b.name ? -1 : 1),
  );
  return mostFirst[0] ?? null;
}

export function overviewSentences(evidence: Evidence): string {
  const { dataset, current_window: current, reference_window: reference } = evidence;
  const compared =
    `I compare ${count(dataset.rows_current, 'recent row')} (${day(current.from)} to ${day(current.to)})` +
    ` with ${count(dataset.rows_reference, 'row')} from ${day(reference.from)} to ${day(reference.to)}.`;
  if (dataset.features_drifted === 0) {
    return `${compared} Nothing the model looks at is different from what it learned from.`;
  }
  const drifted = count(dataset.features_drifted, 'input');
  const moved = `${drifted} of the model, of ${count(dataset.columns, 'column')} compared,`;
  const verb = dataset.features_drifted === 1 ? 'looks' : 'look';
  const enough = dataset.drift_detected ? ', enough to say that the data as a whole changed' : '';
  return `${compared} ${moved} ${verb} different from what it learned from${enough}.`;
}

export function columnSentence(column: ColumnEvidence): string {
  const psi = column.psi === null ? '' : ` (PSI ${column.psi.toFixed(2)})`;
  return `${shortened(column.name, 200)} moved most${psi}: ${sentence(shortened(column.reason, 600))}`;
}

export function targetSentence(target: NonNullable<Evidence['target']>): string {
  const moved = target.drifted ? 'changed' : 'stayed about the same';
  const name = shortened(target.name, 200);
  return `What the model predicts, ${name}, ${moved}: ${sentence(shortened(target.reason, 600))}`;
}

export const verdictSentences = ({ urgency, reasons }: Verdict): string =>
  [`The rules call this urgency "${urgency}".`, ...reasons.map(({ detail }) => sentence(detail))].join(' ');

/** What probably made the data change, as far as the evidence tells. */
export function rootCauseSentences(evidence: Evidence): string {
  const { dataset, target, performance } = evidence;
  const worst = worstColumn(evidence);
  const declined = performance !== null && performance.decline >= mediumDecline;
  const targetMoved = target?.drifted === true;
  const sentences = [causeSentence(worst !== null || dataset.features_drifted > 0, targetMoved, declined)];
  if (worst !== null) sentences.push(columnSentence(worst));
  if (target !== null && targetMoved) sentences.push(targetSentence(target));
  if (performance !== null && declined) sentences.push(declineDetail(performance));
  return sentences.join(' ');
}

function causeSentence(inputsMoved: boolean, targetMoved: boolean, declined: boolean): string {
  if (inputsMoved && targetMoved) {
    return 'Both what the model looks at and what it has to predict changed: it meets another situation.';
  }
  if (inputsMoved) return 'What the model looks at changed since it learned.';
  if (targetMoved) {
    return 'What the model has to predict changed, while what it looks at did not: look for a cause outside these data.';
  }
  if (declined) {
    return 'The model got worse although its data look the same: how the two belong together may have changed.';
  }
  return 'There is nothing to explain: the data look like those the model learned from.';
}
