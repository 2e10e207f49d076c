import path from 'node:path';
import type { FilesComparison, ReferenceProfile } from '@watchtower/activities/drift/compare-files';
import type { DriftConfig, DriftReport, Severity } from '@watchtower/contracts';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { isJudged, notJudged } from '../drift/not-judged.ts';
import { progressLine } from '../drift/progress-line.ts';
import { requireFolderOf, writeReport } from '../drift/report-file.ts';
import { endOnSignal } from '../end-on-signal.ts';
import { exitCodes } from '../exit-codes.ts';

interface Progress {
  readonly rows: number;
  readonly allRows: number;
  readonly columns: number;
  readonly all: number;
}

interface DriftOptions {
  readonly reference?: string;
  readonly current?: string;
  readonly profile?: readonly string[];
  readonly target?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly html?: string;
  readonly markdown?: boolean;
  readonly failOn?: Exclude<Severity, 'stable'>;
}

export function addDriftCommand(program: Command, context: CommandContext): void {
  program
    .command('drift')
    .description('compare two sets of rows here, without a gateway; ends with code 1 where they drifted')
    .option('--reference <path>', 'rows as they were: Parquet, CSV or JSON Lines; a file, folder or glob')
    .option('--current <path>', 'the same columns, later')
    .option(
      '--profile <file...>',
      'with --reference: save its profile there; without: compare with what was saved (several are merged)',
    )
    .option('--target <column>', 'the column the model predicts')
    .option('--config <file>', 'target, prediction, columns and drift settings, or a watchtower.yaml')
    .option('--json', 'print the whole report as JSON')
    .option('--html <file>', 'write a report for people: one file, no network')
    .option('--markdown', 'print the report as Markdown')
    .option('--fail-on <severity>', 'end with code 1 from this severity of any column on', severityFrom)
    .addHelpText('after', '\nExit codes: 0 no drift, 1 drift, 2 error, or no column that could be judged.')
    .action((options: DriftOptions) => drift(context, options));
}

async function drift(context: CommandContext, options: DriftOptions): Promise<void> {
  const { current, profile: files = [] } = options;
  if (options.reference === undefined && files.length === 0) {
    throw wrongUse('Give --reference, or a saved --profile.');
  }
  if (current === undefined && (options.reference === undefined || files.length === 0)) {
    throw wrongUse(
      'Give --current; only with --reference and --profile may it be left out, to save a profile.',
    );
  }
  if (options.reference !== undefined && files.length > 1) {
    throw wrongUse('One --reference has one --profile; several are merged when there is no --reference.');
  }
  const out = context.output(options);
  // Before the work, which may be long, and not only after it.
  if (options.html !== undefined) await requireFolderOf(context.folder, options.html);
  const progress = progressLine(process.stderr);
  let doing = 'reading the files';
  const from = (file: string) => path.relative('', path.resolve(context.folder, file)) || '.';
  const { startThreadEarly } = await import('@watchtower/activities/drift/comparing-thread');
  await startThreadEarly(
    [options.reference, current].flatMap((file) => (file === undefined ? [] : [from(file)])),
  );
  const config = await configOf(context.folder, options.config);
  // Loads DuckDB: only where it is needed, and without what the activity needs beside it.
  const { compareFiles, profileFiles } = await import('@watchtower/activities/drift/compare-files');
  const { share_threshold, ...settings } = config.drift ?? {};
  const common = {
    target: options.target ?? config.target,
    prediction: config.prediction,
    columns: config.columns,
    settings: { ...settings, ...(share_threshold === undefined ? {} : { share_threshold }) },
    onProgress: ({ rows, allRows, columns, all }: Progress) => {
      const share = Math.min(100, Math.round((100 * rows) / Math.max(1, allRows)));
      doing = `comparing: ${share} % read, ${columns} of ${all} columns`;
    },
  };
  // By the clock, and not by what is done: a large text file takes long before its first row is compared.
  const clock = setInterval(() => progress.say(doing), 200);
  const forgetSignals = endOnSignal();
  try {
    const [saveTo] = files;
    if (options.reference !== undefined && saveTo !== undefined) {
      const { writeProfile } = await import('@watchtower/activities/drift/profile-file');
      const made = await profileFiles({ ...common, reference: from(options.reference) });
      await writeProfile(from(saveTo), made);
      out.note(`wrote the profile of ${made.rows.toLocaleString('en-US')} rows to ${saveTo}`);
    }
    if (current === undefined) return;
    const reference =
      options.reference === undefined ? await profileOf(files.map(from)) : from(options.reference);
    const compared = await compareFiles({
      ...common,
      reference,
      current: from(current),
      pictures: options.html !== undefined,
    });
    clearInterval(clock);
    progress.end();
    await show(context, options, compared);
  } finally {
    forgetSignals();
    clearInterval(clock);
    progress.end();
  }
}

/** Schemas take a tenth of a second to load: without a file to read with them they are not needed. */
async function configOf(folder: string, file: string | undefined): Promise<Partial<DriftConfig>> {
  if (file === undefined) return {};
  const { readDriftConfig } = await import('../drift/drift-settings.ts');
  return readDriftConfig(folder, file);
}

async function profileOf(files: readonly string[]): Promise<ReferenceProfile> {
  const { readProfiles } = await import('@watchtower/activities/drift/profile-file');
  return readProfiles(files);
}

async function show(
  context: CommandContext,
  options: DriftOptions,
  compared: FilesComparison,
): Promise<void> {
  const { report } = compared;
  const out = context.output(options);
  if (options.html !== undefined) {
    const { htmlReport } = await import('../drift/html-report.ts');
    const names = { reference: sourceName(options), current: options.current ?? '' };
    await writeReport(context.folder, options.html, htmlReport(compared, names));
    out.note(`wrote ${options.html}`);
  }
  out.data(report);
  if (options.json !== true) {
    const { driftMarkdown } = await import('../drift/drift-markdown.ts');
    const { driftText } = await import('../drift/drift-text.ts');
    out.say(options.markdown ? driftMarkdown(report) : driftText(report, out.colours));
  }
  for (const note of [...compared.notes, ...notJudged(report)]) out.note(note);
  if (isNo(report, options.failOn)) context.exitWith(exitCodes.negative);
  else if (!report.columns.some(isJudged)) context.exitWith(exitCodes.usage);
}

const sourceName = ({ reference, profile = [] }: DriftOptions): string => reference ?? profile.join(', ');

/** Whether the answer is drift: of the dataset, or of any column that reaches the severity asked for. */
function isNo({ dataset, columns }: DriftReport, failOn: DriftOptions['failOn']): boolean {
  if (failOn === undefined) return dataset.drift_detected;
  return columns.some(({ severity }) => severity === 'high' || severity === failOn);
}

function severityFrom(text: string): 'medium' | 'high' {
  if (text === 'medium' || text === 'high') return text;
  throw new InvalidArgumentError('It is medium or high.');
}

const wrongUse = (message: string): WatchtowerError => new WatchtowerError('InvalidRequest', message);
