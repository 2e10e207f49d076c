import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { literalList } from './sql.ts';

export type FileFormat = 'parquet' | 'csv' | 'jsonl';

const endings: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(csv|tsv|txt)(\.gz)?$/i, 'csv'],
  [/\.(jsonl|ndjson|json)(\.gz)?$/i, 'jsonl'],
];

/** What pandas and R write for a value that is missing, beside nothing at all: one of them must not make numbers text. */
const missingValues = ['', 'NA', 'N/A', 'n/a', '#N/A', 'NULL', 'null', 'None', '\\N'];

/**
 * Options by format. Whole CSV files are looked at before their types are settled: a late text spoils no
 * column of numbers.
 */
export const readers: Readonly<Record<FileFormat, (files: readonly string[]) => string>> = {
  parquet: (files) => `read_parquet(${literalList(files)}, union_by_name = true, hive_partitioning = false)`,
  csv: (files) =>
    `read_csv(${literalList(files)}, union_by_name = true, sample_size = -1, hive_partitioning = false, nullstr = ${literalList(missingValues)})`,
  jsonl: (files) =>
    `read_json(${literalList(files)}, format = 'newline_delimited', union_by_name = true, sample_size = -1, hive_partitioning = false)`,
};

export const endingOf = (file: string): FileFormat | undefined =>
  endings.find(([ending]) => ending.test(file))?.[1];

/** @throws WatchtowerError `DataFileUnreadable` where the files' endings tell nothing, or different things */
export function formatOf(pattern: string, files: readonly string[]): FileFormat {
  const formats = new Set(files.map(endingOf));
  if (formats.size > 1) {
    throw new WatchtowerError(
      'DataFileUnreadable',
      `${pattern} holds files of several formats (${[...formats].join(', ')}). Name one kind by a glob such as *.parquet.`,
    );
  }
  const [format] = formats;
  if (format !== undefined) return format;
  throw new WatchtowerError(
    'DataFileUnreadable',
    `The format of ${pattern} cannot be told from its ending. Set "format" to parquet, csv or jsonl.`,
  );
}
