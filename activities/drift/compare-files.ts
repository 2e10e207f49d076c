import type { DriftReport } from '@watchtower/contracts';
import { compareTables, type DriftSettings, defaultDriftSettings } from '@watchtower/drift';
import { type Progress, readTable } from '../data/index.ts';

/**
 * Compares two plain files (Parquet, CSV, JSON Lines, globs): `watchtower drift`. Types and roles are told
 * from the reference.
 *
 * @param input.reference path relative to the working directory; @param input.settings what differs from the
 * defaults
 * @returns the report with its timings in seconds: `read_reference`, `read_current`, `compare`, `total`
 * @throws WatchtowerError `DataFileMissing`, `DataFileUnreadable`, `DataEmpty`, `NoCommonColumns`,
 * `TargetMissing`
 */
export async function compareFiles(input: {
  readonly reference: string;
  readonly current: string;
  readonly target?: string | undefined;
  readonly settings?: Partial<DriftSettings> | undefined;
  readonly progress?: (stage: string, done: Parameters<Progress>[0]) => void;
}): Promise<DriftReport> {
  const { target, progress } = input;
  const started = performance.now();
  const reference = await readTable(input.reference, {
    target,
    progress: (done) => progress?.('reading the reference', done),
  });
  const readReference = performance.now();
  const current = await readTable(input.current, {
    target,
    like: reference,
    progress: (done) => progress?.('reading the current data', done),
  });
  const readCurrent = performance.now();
  const settings = { ...defaultDriftSettings, ...input.settings };
  const report = compareTables({
    reference,
    current,
    settings,
    target,
    onColumn: (done) => progress?.('comparing', { rows: reference.rows + current.rows, columns: done }),
  });
  const ended = performance.now();
  return {
    ...report,
    timings: {
      read_reference: seconds(started, readReference),
      read_current: seconds(readReference, readCurrent),
      compare: seconds(readCurrent, ended),
      total: seconds(started, ended),
    },
  };
}

const seconds = (from: number, to: number): number => Math.round(to - from) / 1000;
