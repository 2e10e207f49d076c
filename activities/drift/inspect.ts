import { type DriftReport, type JsonObject, jsonObject, WatchtowerError } from '@watchtower/contracts';
import type { DriftQuestion } from '../interfaces/drift.ts';
import { bySeverity } from './summarise.ts';
import { targetClasses, unknownClasses } from './target-classes.ts';

type PlanQuestion = Extract<DriftQuestion, { readonly kind: 'plan' }>;

/**
 * Bytes of the columns in an answer: a language model is told an answer again in every later turn, and what is longer
 * than this is cut there in the middle of its JSON.
 */
const largestAnswer = 20 * 1024;
const mostNames = 100;
/** Characters of a text, such as a category that is a page long. */
const longestText = 300;

/** What a stored report says to one question of the reasoner. @throws WatchtowerError `ColumnMissing`, `ClassUnknown` */
export const answer = (report: DriftReport, question: DriftQuestion): JsonObject =>
  jsonObject.parse(JSON.parse(JSON.stringify(answerOf(report, question), clippedText)));

const clippedText = (_: string, value: unknown): unknown =>
  typeof value === 'string' && value.length > longestText ? `${value.slice(0, longestText - 1)}…` : value;

function answerOf(report: DriftReport, question: DriftQuestion): object {
  switch (question.kind) {
    case 'statistical': {
      const columns = report.columns.toSorted(bySeverity).map(({ bins: _bins, ...column }) => column);
      const told = columns.slice(0, fitting(columns, largestAnswer));
      return { dataset: report.dataset, columns: told, columns_left_out: columns.length - told.length };
    }
    case 'feature': {
      const column = report.columns.find((each) => each.name === question.column);
      if (column !== undefined) return column;
      const names = report.columns.map(({ name }) => name);
      throw new WatchtowerError(
        'ColumnMissing',
        `The drift report has no column ${quoted(question.column)}. Its columns are ${listed(names)}.`,
      );
    }
    case 'target': {
      const { target } = report;
      const column = report.columns.find((each) => each.name === target?.name) ?? null;
      return { target, column };
    }
    case 'plan':
      return planAnswer(report, question);
  }
}

/** A plan that names what the data do not have would cost a training to find out. */
function planAnswer(
  report: DriftReport,
  { features = [], classes = [], declared = [] }: PlanQuestion,
): object {
  const own = report.columns.filter(({ role }) => role === 'feature').map(({ name }) => name);
  const missing = features.filter((name) => !own.includes(name));
  if (missing.length > 0) {
    throw new WatchtowerError(
      'ColumnMissing',
      `The data have no feature ${someOf(missing)}. The features are ${listed(own)}.`,
    );
  }
  const target = report.columns.find(({ role }) => role === 'target');
  const found = targetClasses(report);
  if (target === undefined || found === null) return { features: own.length, classes: null };
  const known = new Set([...found, ...declared]);
  const unknown = unknownClasses(classes, known, target.type);
  if (unknown.length === 0) return { features: own.length, classes: known.size };
  throw new WatchtowerError(
    'ClassUnknown',
    `The target ${quoted(target.name)} has no class ${someOf(unknown)}, which class_weights names. ` +
      `Its classes are ${listed([...known])}.`,
  );
}

/** How many of these fit, from the first on, into so many bytes of JSON. */
function fitting(values: readonly unknown[], bytes: number): number {
  let left = bytes;
  const tooMany = values.findIndex((value) => {
    left -= Buffer.byteLength(JSON.stringify(value, clippedText)) + 1;
    return left < 0;
  });
  return tooMany < 0 ? values.length : tooMany;
}

const someOf = (names: readonly string[]): string => names.slice(0, 20).map(quoted).join(', ');

const quoted = (name: string): string => `"${name.slice(0, 100)}"`;

/** Names in one order, as many as a message holds. */
function listed(names: readonly string[]): string {
  const told = names.toSorted().slice(0, mostNames);
  const more = names.length - told.length;
  const text = told.map((name) => name.slice(0, 100)).join(', ');
  return more === 0 ? text : `${text} and ${more} more`;
}
