interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names of values, from the least on. */
  readonly names: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day of the month', least: 1, most: 31, names: [] },
  { name: 'month', least: 1, most: 12, names: months },
  { name: 'day of the week', least: 0, most: 7, names: days },
];

/**
 * What is wrong with a cron expression of five fields, as crontab(5) and Temporal read them: lists of values and
 * ranges (`1-5`), each with a step (`0-30/10`), months and days by number or by their first three letters, Sunday 0 or 7.
 *
 * @returns null where nothing is
 */
export function cronProblem(expression: string): string | null {
  const written = expression.trim().split(/\s+/);
  if (written.length !== fields.length) return 'five fields, as in "0 6 * * 1"';
  for (const [index, field] of fields.entries()) {
    const wrong = (written[index] ?? '').split(',').find((part) => !fits(part, field));
    if (wrong !== undefined) {
      return `the ${field.name} was "${wrong}"; it is *, a number from ${field.least} to ${field.most}, a range or a step`;
    }
  }
  return null;
}

function fits(part: string, field: Field): boolean {
  const match = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,2}))?$/.exec(part);
  if (match === null) return false;
  const [, , first, last, step] = match;
  if (step !== undefined && Number(step) < 1) return false;
  if (first === undefined) return true;
  const from = numberOf(first, field);
  const to = last === undefined ? from : numberOf(last, field);
  return from !== undefined && to !== undefined && from <= to;
}

function numberOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return least + named;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
