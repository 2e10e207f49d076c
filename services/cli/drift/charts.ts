import type { NumericPicture } from '@watchtower/activities/drift/compare-files';
import type { ColumnReport } from '@watchtower/contracts';
import { escapeHtml } from './escape-html.ts';
import { shownName } from './shown-name.ts';

const width = 340;
const height = 150;
const bottom = 130;
const top = 8;

const fixed = (value: number): string => (Math.round(value * 10) / 10).toString();

/** Shares of rows in cells of equal width, the reference as an area, the current window as a line. */
export function histogram(picture: NumericPicture, write: Write): string {
  const { ends } = picture;
  const before = inner(picture.reference);
  const after = inner(picture.current);
  const most = Math.max(1e-9, ...before, ...after);
  const step = width / Math.max(1, before.length);
  const y = (share: number) => fixed(bottom - (share / most) * (bottom - top));
  const stairs = (shares: readonly number[]) =>
    shares.map((share, i) => `${fixed(i * step)},${y(share)} ${fixed((i + 1) * step)},${y(share)}`).join(' ');
  return svg(
    'Histogram of both windows',
    `<polygon class="ref-area" points="0,${bottom} ${stairs(before)} ${width},${bottom}"/>` +
      `<polyline class="cur-line" points="0,${bottom} ${stairs(after)} ${width},${bottom}"/>` +
      `<text class="on-chart" x="2" y="${top + 8}">${percent(most)}</text>${axis(ends, write)}`,
  );
}

/** Share of rows up to each value. */
export function distributionFunctions({ ends, reference, current }: NumericPicture, write: Write): string {
  const line = (counts: readonly number[]) => {
    const all = Math.max(1, total(counts));
    let sum = 0;
    return ends
      .map((_, i) => {
        sum += counts[i] ?? 0;
        const x = (i / Math.max(1, ends.length - 1)) * width;
        return `${fixed(x)},${fixed(bottom - (sum / all) * (bottom - top))}`;
      })
      .join(' ');
  };
  return svg(
    'Distribution functions of both windows',
    `<polyline class="ref-line" points="${line(reference)}"/><polyline class="cur-line" points="${line(current)}"/>` +
      `<text class="on-chart" x="2" y="${top + 8}">100 %</text>${axis(ends, write)}`,
  );
}

const mostBars = 12;

/** Shares of both windows by cell, and what each cell adds to the PSI. */
export function cellBars(bins: ColumnReport['bins']): string {
  const shown = [...bins].sort((a, b) => Math.abs(b.psi) - Math.abs(a.psi)).slice(0, mostBars);
  const kept = bins.filter((bin) => shown.includes(bin));
  const most = Math.max(1e-9, ...kept.flatMap((bin) => [bin.reference_share, bin.current_share]));
  const largest = Math.max(1e-9, ...kept.map((bin) => Math.abs(bin.psi)));
  const bar = (name: string, share: number) =>
    `<span class="bar ${name}" style="width:${fixed((100 * share) / most)}%"></span>`;
  const rows = kept.map(
    (bin) =>
      `<tr><th scope="row">${escapeHtml(shownName(bin.label))}</th>` +
      `<td class="bars">${bar('ref', bin.reference_share)}${bar('cur', bin.current_share)}</td>` +
      `<td>${percent(bin.reference_share)} → ${percent(bin.current_share)}</td>` +
      `<td class="bars">${bar('psi', (Math.abs(bin.psi) / largest) * most)}</td><td>${bin.psi.toFixed(4)}</td></tr>`,
  );
  const left = bins.length > kept.length ? `<caption>The ${kept.length} cells that moved most</caption>` : '';
  return (
    `<div class="scroll"><table class="cells">${left}<thead><tr><th>Cell</th><th>Shares</th><th></th>` +
    `<th colspan="2">Part of the PSI</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
  );
}

export const percent = (share: number): string =>
  share > 0 && share < 0.001 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;

/** Without the outer cells, which have no width; shares of all values. */
function inner(counts: readonly number[]): readonly number[] {
  const all = Math.max(1, total(counts));
  const cells = counts.length > 2 ? counts.slice(1, -1) : counts;
  return cells.map((count) => count / all);
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** How an axis names a value. */
export type Write = (value: number) => string;

export const writeNumber: Write = (value) => String(Number(value.toPrecision(4)));
export const writeDay: Write = (value) => {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? writeNumber(value) : date.toISOString().slice(0, 10);
};

const units = [
  ['days', 86_400_000],
  ['hours', 3_600_000],
  ['minutes', 60_000],
  ['seconds', 1000],
] as const;

/** @param milliseconds at least 0 */
export function duration(milliseconds: number): string {
  const [name, size] = units.find((unit) => milliseconds >= 2 * unit[1]) ?? ['ms', 1];
  return `${writeNumber(milliseconds / size)} ${name}`;
}

/** The first value, the one in the middle, and the last. */
function axis(ends: readonly number[], name: Write): string {
  const write = (at: number) => {
    const value = ends[at];
    return value === undefined ? '' : escapeHtml(name(value));
  };
  const last = ends.length - 1;
  const y = height - 6;
  const middle =
    ends.length < 3 || ends.length % 2 === 0
      ? ''
      : `<line class="axis" x1="${width / 2}" y1="${bottom}" x2="${width / 2}" y2="${bottom + 4}"/>` +
        `<text x="${width / 2}" y="${y}" text-anchor="middle">${write(last / 2)}</text>`;
  return (
    `<line class="axis" x1="0" y1="${bottom}" x2="${width}" y2="${bottom}"/>` +
    `<text x="0" y="${y}">${write(0)}</text>${middle}` +
    `<text x="${width}" y="${y}" text-anchor="end">${write(last)}</text>`
  );
}

const svg = (label: string, content: string): string =>
  `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${content}</svg>` +
  `<figcaption>${label.replace(' of both windows', '')}, middle 99 % of the values</figcaption></figure>`;
