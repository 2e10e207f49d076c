import { distinctValues } from './distinct-values.ts';
import type { CategoricalColumn, NumericColumn } from './table.ts';

/** A column of whole numbers with at most this many distinct values is `discrete` … */
const mostDiscrete = 50;
/** … where each occurs this often on average. */
const rowsPerValue = 10;

/** Below this many values almost anything is distinct by chance. */
const fewestNames = 100;
/** From this share of distinct values on, texts name rows and do not describe them. */
const distinctShare = 0.9;

/** Whether the reference's numbers are few and whole: settled once, by the reference alone. */
export function isDiscrete({ values }: NumericColumn): boolean {
  // Fractions show in the first rows: most columns are settled there.
  for (const value of values.subarray(0, 1000)) {
    if (!Number.isNaN(value) && !Number.isInteger(value)) return false;
  }
  const present = values.filter((value) => !Number.isNaN(value));
  const distinct = distinctValues(present, mostDiscrete);
  return (
    distinct !== null &&
    distinct.values.length > 0 &&
    distinct.values.length * rowsPerValue <= present.length &&
    distinct.values.every(Number.isInteger)
  );
}

/** Whether the reference's texts name rows: nearly all distinct. */
export function namesRows({ counts, rest }: CategoricalColumn): boolean {
  const rows = counts.reduce((sum, count) => sum + count, rest?.rows ?? 0);
  const distinct = counts.length + (rest?.levels ?? 0);
  return rows >= fewestNames && distinct >= distinctShare * rows;
}

/** Whether the reference's numbers count rows: whole, and each larger than the one before it. */
export function countsRows({ type, values }: NumericColumn): boolean {
  if (type !== 'numeric' || values.length < fewestNames) return false;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (!Number.isInteger(value) || (i > 0 && value <= (values[i - 1] ?? 0))) return false;
  }
  return true;
}
