import type { CategoricalColumn, Column, NumericColumn, Table } from '@watchtower/drift';
import { normal } from '@watchtower/drift/uniform-numbers';

type Uniform = () => number;

/** A column's name and how its rows are made; text makes a category, NaN a missing value. */
export type Shape = readonly [name: string, row: (uniform: Uniform) => number | string];

/** A level of K with probability ∝ 1/rank: few are common, most are rare. */
const zipf = (levels: number) => {
  const cumulative: number[] = [];
  for (let rank = 1; rank <= levels; rank += 1) cumulative.push((cumulative.at(-1) ?? 0) + 1 / rank);
  const all = cumulative.at(-1) ?? 1;
  return (uniform: Uniform) => {
    const at = uniform() * all;
    let low = 0;
    let high = levels - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return `level ${low}`;
  };
};

const withMissing = (share: number, row: Shape[1]) => (uniform: Uniform) => {
  const missing = uniform() < share;
  return missing ? Number.NaN : row(uniform);
};

/** Thirty columns of many shapes. */
export const shapes: readonly Shape[] = [
  ...Array.from({ length: 6 }, (_, i): Shape => [`normal ${i}`, normal]),
  ...[0.5, 1, 2, 3].map((s): Shape => [`lognormal ${s}`, (u) => Math.exp(s * normal(u))]),
  ...[1, 2, 3].map((k): Shape => [`uniform ${k}`, (u) => u() ** k]),
  ...[0.1, 1, 5].map((rate): Shape => [`counts ${rate}`, (u) => Math.floor(-Math.log(u()) * rate)]),
  ['cauchy', (u) => Math.tan(Math.PI * (u() - 0.5))],
  ['two humps', (u) => normal(u) + (u() < 0.5 ? -4 : 4)],
  ['mostly zero', (u) => (u() < 0.9 ? 0 : normal(u))],
  ['constant', () => 1],
  ...[0.01, 0.1, 0.5].map((share): Shape => [`missing ${share}`, withMissing(share, normal)]),
  ['rare flag', (u) => (u() < 0.02 ? 'yes' : 'no')],
  ['flag', (u) => (u() < 0.4 ? 'yes' : 'no')],
  ...[3, 10, 50, 400, 2000].map((levels): Shape => [`levels ${levels}`, zipf(levels)]),
];

export function makeTable(rows: number, columns: readonly Shape[], uniform: Uniform): Table {
  return { rows, columns: columns.map((shape) => makeColumn(rows, shape, uniform)) };
}

function makeColumn(rows: number, [name, row]: Shape, uniform: Uniform): Column {
  const made = Array.from({ length: rows }, () => row(uniform));
  const base = { name, role: 'feature' } as const;
  if (made.some((value) => typeof value === 'string')) {
    const counts = new Map<string, number>();
    for (const value of made) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    return {
      ...base,
      kind: 'categorical',
      type: 'categorical',
      levels: [...counts.keys()],
      counts: [...counts.values()],
      missing: 0,
    } satisfies CategoricalColumn;
  }
  const values = Float64Array.from(made, Number);
  return { ...base, kind: 'numeric', type: 'numeric', values } satisfies NumericColumn;
}
