import {
  type CategoricalColumn,
  type Column,
  commonestLevels,
  measureColumn,
  mostLevels,
  namesRows,
  namesRowsOnly,
  typeChanged,
} from '@watchtower/drift';
import { type DuckDbConnection, rowsOf } from '../data/duckdb.ts';
import type { FlatReader } from '../data/flat-reader.ts';
import { readCategories } from '../data/read-categories.ts';
import { identifier } from '../data/sql.ts';
import { speltAlike } from './categories-alike.ts';
import { type Bench, type ColumnResult, cannotBeRead, type Placed, resultOf } from './column-result.ts';
import type { ComparisonPlan, PairedColumn, Rows } from './comparison-plan.ts';

/**
 * A column of categories: counted in both windows, never read.
 *
 * @throws Error where it cannot be read
 */
export async function measureCategories(
  plan: ComparisonPlan,
  column: Placed,
  bench: Bench,
): Promise<ColumnResult> {
  const { connection } = bench;
  const { name, type, role } = column;
  const as = { name, role, type: type === 'boolean' ? type : 'categorical' } as const;
  const reference =
    column.profile ??
    (plan.reference === null
      ? null
      : (countedFlat(bench.flat.reference, as) ??
        (await readCategories(connection, plan.reference.relation, as))));
  if (reference === null || reference.kind !== 'categorical')
    throw new Error('its profile is of another type');
  bench.onRows(0);
  const settledRole = !column.roleIsGiven && namesRows(reference) ? 'identifier' : reference.role;
  const settled = { ...reference, role: settledRole };
  const profile = plan.current === null ? settled : null;
  if (settled.role === 'identifier') {
    const mixture =
      plan.reference === null || column.typeIsGiven || column.roleIsGiven
        ? null
        : await mixtureIn(plan.reference, reference, connection);
    if (mixture !== null) {
      // A profile leaves it out: a comparison with it then names the column as one the reference lacks.
      return resultOf(column, plan.current === null ? null : cannotBeRead(column, mixture));
    }
    // Its levels are of no use to anybody.
    const named = { ...settled, levels: [], counts: [] };
    return resultOf(column, namesRowsOnly(named), { profile: profile && named });
  }
  if (plan.current === null) return resultOf(column, null, { profile });
  const current = await currentCategories(plan.current, column, settled, bench);
  if (current !== undefined && 'why' in current) return resultOf(column, typeChanged(settled, current.why));
  return resultOf(column, measureColumn(settled, current, plan.settings, plan.columnSettings[name]));
}

/** Codes may be texts in one window and whole numbers in the other; fractions and datetimes are another type. */
async function currentCategories(
  { relation }: Rows,
  { currentType }: PairedColumn,
  like: CategoricalColumn,
  { connection, flat }: Bench,
): Promise<(Column & CategoricalColumn) | { readonly why: string } | undefined> {
  if (currentType === null) return undefined;
  const alike = await speltAlike(relation, like, currentType, connection);
  if (alike !== null) return readCategories(connection, alike, like, like);
  if (
    /^(FLOAT|DOUBLE|DECIMAL|DATE|TIMESTAMP)/.test(currentType) ||
    /[[\]]$|^(STRUCT|MAP|UNION|BLOB)/.test(currentType)
  ) {
    const [found] = await rowsOf(connection, `SELECT count(${identifier(like.name)}) FROM ${relation}`);
    if (Number(found?.[0] ?? 0) > 0) return { why: currentType };
  }
  return countedFlat(flat.current, like) ?? readCategories(connection, relation, like, like);
}

/** The column as its dictionaries count it; null where DuckDB has to count it. */
function countedFlat(
  reader: FlatReader | null,
  { name, type, role }: Pick<CategoricalColumn, 'name' | 'type' | 'role'>,
): CategoricalColumn | null {
  const counted = reader?.countTexts(name, mostLevels) ?? null;
  if (counted === null) return null;
  const { counts, missing } = counted;
  return { kind: 'categorical', name, type, role, missing, ...commonestLevels([...counts]) };
}

/** From this share of numbers on, texts among them are mistakes, and the column is no name of rows. */
const mostlyNumbers = 0.9;

/** What is wrong with a reference's column of numbers in which some texts stand; null where it is not one. */
async function mixtureIn(
  { relation }: Rows,
  { name, levels }: CategoricalColumn,
  connection: DuckDbConnection,
): Promise<string | null> {
  // Names of rows are seldom numbers: a look at them, and most columns cost no query.
  const numbers = levels.filter((level) => level.trim() !== '' && !Number.isNaN(Number(level))).length;
  if (numbers < mostlyNumbers * levels.length) return null;
  const value = identifier(name);
  const [found] = await rowsOf(
    connection,
    `SELECT count(${value}), count(*) FILTER (${value} IS NOT NULL AND TRY_CAST(${value} AS DOUBLE) IS NULL),
       min(${value}::VARCHAR) FILTER (TRY_CAST(${value} AS DOUBLE) IS NULL) FROM ${relation}`,
  );
  const present = Number(found?.[0] ?? 0);
  const others = Number(found?.[1] ?? 0);
  // Numbers that are kept as texts throughout are codes: names of rows as they stand.
  if (others === 0 || others > (1 - mostlyNumbers) * present) return null;
  return (
    `The reference holds numbers and texts: ${others} of its ${present} values are not numbers, the first of them ` +
    `"${(found?.[2] ?? '').slice(0, 40)}". Mend the data, or set the column's type: as numeric, texts are missing values.`
  );
}
