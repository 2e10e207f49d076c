import { z } from 'zod';
import { failureCode } from './failure.ts';
import { type FailureCode, failureCatalogue } from './failure-catalogue.ts';

/** One wrong field of a request: `path` as in `body.evaluate.primary_metric` or `query.page_size`. */
export const fieldProblem = z.object({ path: z.string(), message: z.string() });
export type FieldProblem = z.infer<typeof fieldProblem>;

/** RFC 9457. Every error of the API has this shape, as `application/problem+json`. */
export const problem = z.object({
  /** Reference to the description of this kind of problem, relative to the gateway. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  /** What was wrong here, and what to do. */
  detail: z.string(),
  code: failureCode,
  errors: z.array(fieldProblem),
});
export type Problem = z.infer<typeof problem>;

export function problemOf(code: FailureCode, detail: string, errors: readonly FieldProblem[] = []): Problem {
  const { status, title } = failureCatalogue[code];
  return { type: `/docs#${code}`, title, status, detail, code, errors: [...errors] };
}

/** What zod found, as field problems. `where` is the part of the request: `body`, `query`, `header`. */
export function fieldProblems(error: z.ZodError, where?: string): readonly FieldProblem[] {
  return locatedProblems(error).map(({ path, message }) => ({
    path: fieldPath(where === undefined ? path : [where, ...path]),
    message,
  }));
}

export interface LocatedProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The same with the path in parts. Of a union, what is wrong with the alternative that was probably meant. */
export const locatedProblems = (error: z.ZodError): readonly LocatedProblem[] =>
  error.issues.flatMap((issue) => issueProblems(issue, []));

function issueProblems(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): readonly LocatedProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'there is no such field' }));
  }
  if (issue.code === 'invalid_key') {
    return [
      { path, message: `not a possible name: ${issue.issues.map(({ message }) => message).join(', ')}` },
    ];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const alternatives = issue.errors.map((issues) => issues.flatMap((inner) => issueProblems(inner, path)));
    return closestAlternative(alternatives, path);
  }
  const missing = /^Invalid input: expected (.+), received undefined$/.exec(issue.message);
  const message = missing ? `is missing (${missing[1]})` : issue.message.replace(/^Invalid input: /, '');
  return [{ path, message }];
}

/** The alternative with the fewest problems; where none came further than the value itself, all of them. */
function closestAlternative(
  alternatives: readonly (readonly LocatedProblem[])[],
  path: readonly PropertyKey[],
): readonly LocatedProblem[] {
  if (alternatives.flat().every((problem) => problem.path.length === path.length)) {
    const messages = new Set(alternatives.flat().map(({ message }) => message));
    return [{ path, message: [...messages].join(', or: ') }];
  }
  return alternatives.reduce((best, next) => (next.length < best.length ? next : best));
}

/** `["windows", 0, "from"]` → `windows[0].from` */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
