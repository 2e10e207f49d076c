import { isAscii } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import {
  type DriftProfileFile,
  driftProfileFile,
  profileFormat,
  profileVersion,
} from '@watchtower/contracts/drift-profile';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { type ColumnProfile, mergeProfiles, type ReferenceProfile } from '@watchtower/drift';

type StoredColumn = DriftProfileFile['columns'][number];

const whyNotWritten: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'its folder may not be written to',
};

/** Replaces the file as a whole, or not at all. */
export async function writeProfile(file: string, profile: ReferenceProfile): Promise<void> {
  const { rows, target, columns } = profile;
  const stored: DriftProfileFile = {
    format: profileFormat,
    version: profileVersion,
    rows,
    target,
    columns: columns.map(storedColumn),
  };
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    await writeFile(temporary, JSON.stringify(stored));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = whyNotWritten[code] ?? (error instanceof Error ? error.message : String(error));
    throw new WatchtowerError(
      'ProfileInvalid',
      `The profile cannot be written to ${file}: ${why}. Name another file.`,
      { cause: error },
    );
  }
}

/** @throws WatchtowerError `ProfileInvalid` where the file is not there, is no profile, or is one of another version */
export async function readProfile(file: string): Promise<ReferenceProfile> {
  let content: unknown;
  try {
    content = JSON.parse(textOf(readFileSync(file)));
  } catch (error) {
    const missing = error instanceof Error && error.message.startsWith('ENOENT');
    throw invalid(file, missing ? 'is not there' : 'cannot be read as JSON', error);
  }
  const version = versionOf(content);
  if (version !== undefined && version !== profileVersion) {
    throw invalid(file, `is of version ${version}, and this watchtower reads version ${profileVersion}`);
  }
  const parsed = driftProfileFile.safeParse(content);
  if (!parsed.success) throw invalid(file, 'is not a drift profile');
  const columns = parsed.data.columns.map((column) => columnOf(column, file));
  return { rows: parsed.data.rows, target: parsed.data.target, columns };
}

/** Most profiles are ASCII, whose bytes are characters as they stand. */
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** Of several files the profile of all their rows together. @param files at least one */
export async function readProfiles(files: readonly string[]): Promise<ReferenceProfile> {
  const profiles = await Promise.all(files.map(readProfile));
  return profiles.reduce(mergeProfiles);
}

const versionOf = (content: unknown): number | undefined =>
  typeof content === 'object' &&
  content !== null &&
  'format' in content &&
  content.format === profileFormat &&
  'version' in content &&
  typeof content.version === 'number'
    ? content.version
    : undefined;

function storedColumn(column: ColumnProfile): StoredColumn {
  if (column.kind === 'categorical') {
    const { name, role, missing, type, levels, counts, rest } = column;
    return { name, role, missing, type, levels: [...levels], counts: [...counts], ...(rest && { rest }) };
  }
  const { kind: _kind, uppers, counts, sums, ...numbers } = column;
  return { ...numbers, uppers: base64(uppers), counts: base64(counts), sums: base64(sums) };
}

function columnOf(column: StoredColumn, file: string): ColumnProfile {
  if ('levels' in column) {
    if (column.levels.length !== column.counts.length)
      throw invalid(file, `contradicts itself in "${column.name}"`);
    return { ...column, kind: 'categorical' };
  }
  const [uppers, counts, sums] = [numbers(column.uppers), numbers(column.counts), numbers(column.sums)];
  if (uppers === null || counts === null || sums === null) {
    throw invalid(file, `holds no numbers in "${column.name}"`);
  }
  const fits = uppers.length === counts.length && uppers.length === sums.length;
  if (!fits || !isProfile({ uppers, counts, sums }, column.finite)) {
    throw invalid(file, `contradicts itself in "${column.name}"`);
  }
  return { ...column, kind: 'numeric profile', uppers, counts, sums };
}

type Cells = Readonly<Record<'uppers' | 'counts' | 'sums', Float64Array>>;

/** Whether the ends are numbers that ascend, sums are numbers, and the counts are those of so many values. */
function isProfile({ uppers, counts, sums }: Cells, finite: number): boolean {
  let total = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (let cell = 0; cell < uppers.length; cell += 1) {
    const upper = uppers[cell] ?? Number.NaN;
    const count = counts[cell] ?? Number.NaN;
    if (!(upper > last && upper < Number.POSITIVE_INFINITY)) return false;
    if (!(Number.isSafeInteger(count) && count >= 0) || Number.isNaN(sums[cell])) return false;
    last = upper;
    total += count;
  }
  return total === finite;
}

/** Little-endian, as all machines are that Node.js runs on today. */
const base64 = ({ buffer, byteOffset, byteLength }: Float64Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** Null where it is no base64, or not of whole numbers. */
function numbers(text: string): Float64Array | null {
  const bytes = Buffer.byteLength(text, 'base64');
  if (bytes % 8 !== 0 || text.length !== 4 * Math.ceil(bytes / 3)) return null;
  const values = new Float64Array(bytes / 8);
  // Decoding leaves out what is none.
  return Buffer.from(values.buffer).write(text, 'base64') === bytes ? values : null;
}

const invalid = (file: string, why: string, cause?: unknown): WatchtowerError =>
  new WatchtowerError(
    'ProfileInvalid',
    `${file} ${why}. Make a profile with "watchtower drift --reference … --profile ${file}".`,
    { cause },
  );
