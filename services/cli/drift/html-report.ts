import type { FilesComparison, NumericPicture } from '@watchtower/activities/drift/compare-files';
import { printable } from '@watchtower/client/colours';
import type { ColumnReport } from '@watchtower/contracts';
import {
  cellBars,
  distributionFunctions,
  duration,
  histogram,
  percent,
  writeDay,
  writeNumber,
} from './charts.ts';
import { datasetSentence } from './drift-text.ts';
import { escapeHtml } from './escape-html.ts';
import { style } from './html-style.ts';
import { headline } from './not-judged.ts';
import { ranked } from './ranking.ts';
import { shownName } from './shown-name.ts';

/** Columns beyond this many are ranked, and not drawn: a page of a thousand drawings helps nobody. */
const mostDrawn = 100;

/**
 * One file that needs nothing else: no network, no script. What comes from the data is escaped.
 *
 * @param names what the two windows are called
 */
export function htmlReport(
  { report, pictures, notes }: FilesComparison,
  names: { readonly reference: string; readonly current: string },
): string {
  const { dataset, target } = report;
  const columns = ranked(report.columns);
  const drawn = columns
    .filter((column) => column.bins.length > 0 || column.status !== 'ok')
    .slice(0, mostDrawn);
  const title = headline(report);
  const mark = title === 'No drift' ? dataset.health : title === 'Drift' ? 'drift' : 'at_risk';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}: ${escapeHtml(names.current)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${style}</style></head><body>
<h1>${title}</h1>
<p class="quiet">${escapeHtml(names.current)} against ${escapeHtml(names.reference)}</p>
<section class="verdict ${mark}"><p>${escapeHtml(datasetSentence(report))}.</p>
${target === null ? '' : `<p>Target <b>${escapeHtml(shownName(target.name))}</b>: ${escapeHtml(target.reason)}</p>`}
<ul class="figures">${[
    ['Features drifted', String(dataset.features_drifted)],
    ['Share', percent(dataset.drifted_share)],
    ['Score', dataset.score.toFixed(2)],
    ...(title === 'No verdict' ? [] : [['Health', dataset.health.replace('_', ' ')]]),
    ...(target?.kl == null ? [] : [['Target KL', `${target.kl.toFixed(4)} nats`]]),
  ]
    .map(([name = '', value = '']) => `<li><b>${escapeHtml(value)}</b><span>${escapeHtml(name)}</span></li>`)
    .join('')}</ul></section>
<h2>Columns, farthest moved first</h2>
<div class="scroll"><table class="ranking"><thead><tr><th>Column</th><th>Type</th><th>Status</th>${['PSI', 'KS', 'V', 'Adjusted p', 'Missing'].map((name) => `<th class="number">${name}</th>`).join('')}</tr></thead>
<tbody>${columns.map((column) => rankingRow(column, drawn)).join('\n')}</tbody></table></div>
${missingTable(columns)}
<h2>Where they moved</h2>
${drawn.map((column, place) => article(column, place, pictures.get(column.name))).join('\n')}
${columns.length > drawn.length ? `<p class="quiet">${columns.length - drawn.length} more columns are in the table above.</p>` : ''}
${notes.map((note) => `<p class="quiet">${escapeHtml(printable(note))}</p>`).join('\n')}
<p class="quiet">Rules, thresholds and formulas: docs/reference/drift.md of Watchtower.</p>
</body></html>
`;
}

function rankingRow(column: ColumnReport, drawn: readonly ColumnReport[]): string {
  const { ks, psi, chi2 } = column.statistics;
  const figure = (value: number | undefined) => `<td class="number">${value?.toFixed(3) ?? ''}</td>`;
  const p = leastProbability(column);
  const place = drawn.indexOf(column);
  const name = escapeHtml(shownName(column.name));
  const missing = isCompared(column)
    ? `${percent(column.missing.reference)} → ${percent(column.missing.current)}`
    : '';
  return (
    `<tr><th scope="row">${place < 0 ? name : `<a href="#column-${place}">${name}</a>`}</th>` +
    `<td>${column.type}${roleOf(column)}</td><td>${tag(column)}</td>` +
    `${figure(psi?.value)}${figure(ks?.statistic)}${figure(chi2?.cramers_v)}` +
    `<td class="number">${p === undefined ? '' : shortProbability(p)}</td>` +
    `<td class="number">${missing}</td></tr>`
  );
}

/** Of values, missing and infinite ones: the one the column's status hangs on. */
function leastProbability({ statistics, missing, infinite }: ColumnReport): number | undefined {
  const { ks, chi2 } = statistics;
  const all = [ks?.p_adjusted, chi2?.p_adjusted, missing.p_adjusted, infinite?.p_adjusted];
  const told = all.filter((p) => p !== undefined);
  return told.length === 0 ? undefined : Math.min(...told);
}

/** A column that was not read has no missing values to tell of. */
const isCompared = ({ status, role }: ColumnReport): boolean => status !== 'error' && role !== 'identifier';

const roleOf = ({ role }: ColumnReport): string => (role === 'feature' ? '' : `, ${role}`);

function tag({ status, severity }: ColumnReport): string {
  const text = status === 'drifted' ? `drifted, ${severity}` : status.replace('_', ' ');
  return `<span class="tag ${status === 'drifted' ? severity : status}">${text}</span>`;
}

/** Columns whose missing values changed; nothing where none did. */
function missingTable(columns: readonly ColumnReport[]): string {
  const changed = columns.filter(({ missing }) => missing.reference !== missing.current);
  if (changed.length === 0) return '';
  const rows = changed.map(
    ({ name, missing }) =>
      `<tr><th scope="row">${escapeHtml(shownName(name))}</th><td class="number">${percent(missing.reference)}</td>` +
      `<td class="number">${percent(missing.current)}</td><td class="number">${shortProbability(missing.p_adjusted ?? missing.p_value)}</td></tr>`,
  );
  return `<h2>Missing values that changed</h2><table><thead><tr><th>Column</th><th class="number">Reference</th><th class="number">Current</th><th class="number">Adjusted p</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function article(column: ColumnReport, place: number, picture: NumericPicture | undefined): string {
  const write = column.type === 'datetime' ? writeDay : writeNumber;
  const drawings =
    picture === undefined || column.type === 'discrete'
      ? ''
      : `<div class="charts">${histogram(picture, write)}${distributionFunctions(picture, write)}</div>`;
  return (
    `<article id="column-${place}"><header><h3>${escapeHtml(shownName(column.name))}</h3>${tag(column)}<span class="quiet">${column.type}${roleOf(column)}</span></header>` +
    `<p>${escapeHtml(column.reason)}</p>${figures(column)}${legend(drawings, column)}${drawings}${column.bins.length === 0 ? '' : cellBars(column.bins)}` +
    `${listed('New categories', column.new_categories)}${listed('Vanished categories', column.vanished_categories ?? [])}</article>`
  );
}

function figures({ type, statistics: { ks, psi, js, wasserstein, chi2 } }: ColumnReport): string {
  const pairs = [
    ks && ['KS', `${ks.statistic.toFixed(4)} (p ${shortProbability(ks.p_value)})`],
    chi2 && [
      'χ²',
      `${chi2.statistic.toFixed(1)}, ${chi2.dof} ${chi2.dof === 1 ? 'degree' : 'degrees'} of freedom (p ${shortProbability(chi2.p_value)})`,
    ],
    chi2 && ["Cramér's V", chi2.cramers_v.toFixed(4)],
    psi && ['PSI', `${psi.value.toFixed(4)} (by chance up to ${psi.critical.toFixed(4)})`],
    js && ['JS divergence', js.divergence.toFixed(4)],
    wasserstein && [
      'Wasserstein',
      `${type === 'datetime' ? duration(wasserstein.value) : writeNumber(wasserstein.value)}${wasserstein.normalized === null ? '' : ` (${wasserstein.normalized.toFixed(3)} σ)`}`,
    ],
  ].filter((pair) => pair !== undefined);
  return `<dl>${pairs.map(([name = '', value = '']) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

/** With each drawing: a page that is scrolled or printed shows it where it is needed. */
const legend = (drawings: string, { bins }: ColumnReport): string =>
  drawings === '' && bins.length === 0
    ? ''
    : '<p class="legend"><span><i class="ref"></i>reference</span><span><i class="cur"></i>current</span></p>';

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names
    .slice(0, 12)
    .map((name) => escapeHtml(shownName(name)))
    .join(', ');
  return `<p><b>${what}:</b> ${shown}${names.length > 12 ? ` and ${names.length - 12} more` : ''}</p>`;
}

const shortProbability = (p: number): string => (p < 1e-4 ? '< 0.0001' : p.toFixed(4));
