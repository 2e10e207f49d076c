import Table from 'cli-table3';
import type { Colours } from './colours.ts';

const noLines = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle'
    .split(' ')
    .map((part) => [part, '']),
);

/**
 * Columns without rules, so that `cut` and `awk` can read them as well.
 *
 * @param numeric indices of the columns that stand to the right
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colours: Colours,
  numeric: readonly number[] = [],
): string {
  const drawn = new Table({
    head: head.map((cell) => colours.dim(cell)),
    chars: noLines,
    colAligns: head.map((_, column) => (numeric.includes(column) ? 'right' : 'left')),
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
