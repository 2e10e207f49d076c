import type { Evidence, Verdict } from '@watchtower/contracts';
import { count, day, sentence } from './words.ts';

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
  return `${column.name} moved most${psi}: ${sentence(column.reason)}`;
}

export function targetSentence(target: NonNullable<Evidence['target']>): string {
  const moved = target.drifted ? 'changed' : 'stayed about the same';
  return `What the model predicts, ${target.name}, ${moved}: ${sentence(target.reason)}`;
}

export const verdictSentences = ({ urgency, reasons }: Verdict): string =>
  [`The rules call this urgency "${urgency}".`, ...reasons.map(({ detail }) => sentence(detail))].join(' ');
