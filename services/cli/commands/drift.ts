import path from 'node:path';
import { type Colours, printable } from '@watchtower/client/colours';
import { table } from '@watchtower/client/table';
import type { DriftReport } from '@watchtower/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';

interface DriftOptions {
  readonly reference: string;
  readonly current: string;
  readonly target?: string;
  readonly json?: boolean;
}

export function addDriftCommand(program: Command, context: CommandContext): void {
  program
    .command('drift')
    .description('compare two files here, without a gateway; ends with code 1 where they drifted')
    .requiredOption('--reference <file>', 'Parquet, CSV or JSON lines')
    .requiredOption('--current <file>', 'the same columns, later')
    .option('--target <column>', 'the column the model predicts')
    .option('--json', 'print the whole report as JSON')
    .action(async (options: DriftOptions) => {
      const out = context.output(options);
      const report = await compare(context.folder, options);
      out.data(report);
      out.say(driftText(report, out.colours));
      if (report.dataset.drift_detected) context.exitWith(exitCodes.negative);
    });
}

async function compare(folder: string, options: DriftOptions): Promise<DriftReport> {
  // Loads DuckDB: only where it is needed, and without what the activity needs beside it.
  const { compareFiles } = await import('@watchtower/activities/drift/compare-files');
  return compareFiles({
    reference: path.relative('', path.resolve(folder, options.reference)),
    current: path.relative('', path.resolve(folder, options.current)),
    ...(options.target === undefined ? {} : { target: options.target }),
  });
}

function driftText({ dataset, columns, target }: DriftReport, colours: Colours): string {
  const rows = columns.map((column) => [
    printable(column.name),
    column.type,
    column.status === 'drifted' ? colours.yellow(column.status) : column.status,
    column.severity,
    column.statistics.psi?.value.toFixed(4) ?? '-',
    printable(column.reason),
  ]);
  const features = columns.filter(
    ({ role, status }) => role === 'feature' && (status === 'ok' || status === 'drifted'),
  ).length;
  const share = (dataset.drifted_share * 100).toFixed(0);
  const [before, now] = [dataset.rows_reference, dataset.rows_current].map((rows) =>
    rows.toLocaleString('en-US'),
  );
  const verdict = dataset.drift_detected ? colours.yellow('drift') : colours.green('no drift');
  return [
    table(['COLUMN', 'TYPE', 'STATUS', 'SEVERITY', 'PSI', 'REASON'], rows, colours),
    '',
    ...(target === null ? [] : [`target ${printable(target.name)}: ${printable(target.reason)}`]),
    `${verdict}: ${dataset.features_drifted} of ${features} features drifted (${share} %), ` +
      `health ${dataset.health.replace('_', ' ')}, ${now} rows against ${before} of the reference`,
  ].join('\n');
}
