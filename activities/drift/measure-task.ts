import {
  type ColumnProfile,
  countsRows,
  drawNumbers,
  type Measurement,
  measureColumn,
  type NumericColumn,
  namesRowsOnly,
  profileColumn,
  settleType,
  typeChanged,
} from '@watchtower/drift';
import { shortReason, unreadable } from '../data/data-failures.ts';
import { rowsOf } from '../data/duckdb.ts';
import { identifier } from '../data/sql.ts';
import { type NumberColumn, streamNumbers } from '../data/stream-numbers.ts';
import { type Bench, type ColumnResult, cannotBeRead, type Placed, resultOf } from './column-result.ts';
import {
  type ComparisonPlan,
  isNumeric,
  type PairedColumn,
  type Rows,
  type Task,
} from './comparison-plan.ts';
import { measureCategories } from './measure-categories.ts';

/** Reads the columns of one task and measures them. A column that cannot be read costs no other its result. */
export async function measureTask(
  plan: ComparisonPlan,
  task: Task,
  bench: Bench,
): Promise<readonly ColumnResult[]> {
  const columns = task.columns.flatMap((index) => {
    const column = plan.columns[index];
    return column === undefined ? [] : [{ ...column, index }];
  });
  if (task.kind === 'categories') {
    return Promise.all(
      columns.map((column) => withStatus(column, () => measureCategories(plan, column, bench))),
    );
  }
  if (columns.length > 1) {
    try {
      return await measureNumbers(plan, columns, bench);
    } catch (error) {
      if (isCancelled(error)) throw error;
    }
  }
  const results: ColumnResult[] = [];
  for (const column of columns) {
    results.push(
      await withStatus(column, async () => {
        const [result] = await measureNumbers(plan, [column], bench);
        if (result === undefined) throw new Error('nothing was read');
        return result;
      }),
    );
  }
  return results;
}

const isCancelled = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

async function withStatus(column: Placed, measure: () => Promise<ColumnResult>): Promise<ColumnResult> {
  try {
    return await measure();
  } catch (error) {
    if (isCancelled(error)) throw error;
    return resultOf(column, notRead(column, error));
  }
}

const notRead = (column: PairedColumn, error: unknown): Measurement =>
  cannotBeRead(column, `The column cannot be read: ${shortReason(error)}.`);

async function measureNumbers(
  plan: ComparisonPlan,
  columns: readonly Placed[],
  bench: Bench,
): Promise<readonly ColumnResult[]> {
  const fromRows = columns.filter((column) => column.profile === null);
  const before = await readSide(
    plan.reference,
    fromRows,
    bench,
    'reference',
    (column) => column.referenceType,
  );
  const inCurrent = columns.filter(({ currentType }) => currentType !== null && storesNumbers(currentType));
  const after = await readSide(plan.current, inCurrent, bench, 'current', (column) => column.currentType);
  const results: ColumnResult[] = [];
  for (const column of columns) {
    const read = before.get(column.index);
    const reference = read === undefined ? column.profile : settleReference(read, column);
    if (reference === null) continue;
    results.push(await judgeNumbers(plan, column, reference, after.get(column.index), bench));
    bench.onRows(0);
  }
  return results;
}

/** Types and roles that only the reference's values can tell. */
function settleReference(read: NumericColumn, column: PairedColumn): NumericColumn {
  const named = !column.roleIsGiven && countsRows(read) ? { ...read, role: 'identifier' as const } : read;
  const settled = column.typeIsGiven ? named : settleType(named);
  return settled.kind === 'numeric' ? settled : named;
}

async function judgeNumbers(
  plan: ComparisonPlan,
  column: Placed,
  reference: NumericColumn | ColumnProfile,
  current: NumericColumn | undefined,
  bench: Bench,
): Promise<ColumnResult> {
  const isRows = reference.kind === 'numeric';
  const profile = isRows && plan.current === null ? profileColumn(reference) : null;
  if (reference.role === 'identifier') return resultOf(column, namesRowsOnly(reference), { profile });
  if (plan.current === null) return resultOf(column, null, { profile });
  const own = plan.columnSettings[column.name];
  const now = current ?? (await withoutNumbers(plan.current, column, own?.type !== undefined, bench));
  if (now !== null && 'why' in now) return resultOf(column, typeChanged(reference, now.why));
  const measurement = measureColumn(reference, now ?? undefined, plan.settings, own, bench.workspace.scratch);
  const drawable = plan.pictures && now !== null && reference.kind !== 'categorical';
  return resultOf(column, measurement, { picture: drawable ? drawNumbers(reference, now) : null });
}

/**
 * A current column that does not store numbers: absent, without any value, or of another type, which is told. Where the
 * settings name the type, texts of which most are numbers are read as such, and the others are missing. Flags are 0 and 1.
 */
async function withoutNumbers(
  current: Rows,
  column: PairedColumn,
  typeIsSet: boolean,
  bench: Bench,
): Promise<NumericColumn | { readonly why: string } | null> {
  const { relation, rows } = current;
  const values = new Float64Array(rows);
  const type = isNumericType(column.type) ? column.type : 'numeric';
  const { name, role, currentType } = column;
  if (currentType === null) return null;
  const value = identifier(name);
  const number =
    column.type === 'datetime' ? `TRY_CAST(${value} AS TIMESTAMP)` : `TRY_CAST(${value} AS DOUBLE)`;
  const [found] = await rowsOf(
    bench.connection,
    `SELECT count(${value}), count(${number}), min(${value}::VARCHAR) FILTER (${number} IS NULL) FROM ${relation}`,
  );
  const present = Number(found?.[0] ?? 0);
  if (present > 0) {
    const others = present - Number(found?.[1] ?? 0);
    const flags = column.type !== 'datetime' && currentType === 'BOOLEAN';
    if (flags || (typeIsSet && others < present / 2)) {
      // Not into the bench's memory: what was read of the batch's other columns stands there.
      await streamNumbers(bench.connection, relation, [{ name, type, sqlType: currentType }], [values]);
      return { kind: 'numeric', name, role, type, values };
    }
    const example = found?.[2] == null ? '' : `, the first of them "${found[2].slice(0, 40)}"`;
    const what = column.type === 'datetime' ? 'datetimes' : 'numbers';
    const misfits =
      others === 0
        ? `all its values are ${what} written as text`
        : `${others} of its ${present} values are not ${what}${example}`;
    return { why: `${currentType}: ${misfits}` };
  }
  return { kind: 'numeric', name, role, type, values: values.fill(Number.NaN) };
}

const isNumericType = (type: PairedColumn['type']): type is NumericColumn['type'] => isNumeric(type);

/** Types whose values are read as numbers or datetimes. */
const storesNumbers = (sqlType: string): boolean =>
  /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL|DATE$|TIMESTAMP)/.test(sqlType);

async function readSide(
  rows: Rows | null,
  columns: readonly Placed[],
  { connection, workspace, flat, onRows }: Bench,
  side: 'reference' | 'current',
  sqlTypeOf: (column: PairedColumn) => string | null,
): Promise<ReadonlyMap<number, NumericColumn>> {
  if (rows === null || columns.length === 0) return new Map();
  const wanted = columns.flatMap((column): (NumberColumn & Placed & { type: NumericColumn['type'] })[] =>
    isNumericType(column.type) ? [{ ...column, type: column.type, sqlType: sqlTypeOf(column) ?? '' }] : [],
  );
  const into = workspace[side].slice(0, wanted.length);
  const left: number[] = [];
  for (const [place, column] of wanted.entries()) {
    const values = into[place];
    if (values !== undefined && flat[side]?.readNumbers(column, values)) onRows(values.length);
    else left.push(place);
  }
  let seen = 0;
  try {
    const of = <T>(all: readonly T[]) => all.filter((_, place) => left.includes(place));
    if (left.length > 0) {
      await streamNumbers(connection, rows.relation, of(wanted), of(into), (done) => {
        onRows(done - seen);
        seen = done;
      });
    }
  } catch (error) {
    throw isCancelled(error) ? error : unreadable(rows.source, error);
  }
  return new Map(
    wanted.map(({ index, name, type, role }, i) => {
      const values = into[i] ?? new Float64Array(0);
      return [index, { kind: 'numeric', name, type, role, values } satisfies NumericColumn] as const;
    }),
  );
}
