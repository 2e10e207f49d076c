import type { Evidence } from '@watchtower/contracts';
import { mediumDecline } from './triggers.ts';

const least = 40;
const forRows = { few: 0, some: 10, many: 20 } as const;
const forAgreement = 25;
const forPerformance = 10;

/**
 * How sure the policy reasoner is of its decision, in per cent: 40, and up to 20 for the number of rows, up
 * to 25 for signs that agree, 10 where it was measured what the change did to the model. So 40 to 95: it
 * never claims to be certain. Rows: 20 from 1,000 in the smaller window, 10 from 200. Signs: a column
 * drifted, the dataset drifted, the target drifted (where there is one), the champion declined by 5 % (where
 * that was measured); 25 times how far the majority outweighs the rest.
 */
export function confidenceOf({ dataset, columns, target, performance }: Evidence): number {
  const columnDrifted = dataset.features_drifted > 0 || columns.some(({ status }) => status === 'drifted');
  const signs = [columnDrifted, dataset.drift_detected];
  if (target !== null) signs.push(target.drifted);
  if (performance !== null) signs.push(performance.decline >= mediumDecline);
  const speaking = signs.filter(Boolean).length;
  const agreement = Math.abs(2 * speaking - signs.length) / signs.length;
  const rows = Math.min(dataset.rows_reference, dataset.rows_current);
  const size = rows >= 1000 ? 'many' : rows >= 200 ? 'some' : 'few';
  const measured = performance === null ? 0 : forPerformance;
  return least + forRows[size] + Math.round(forAgreement * agreement) + measured;
}
