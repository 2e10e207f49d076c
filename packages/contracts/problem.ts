import { z } from 'zod';
import { type FailureCode, failureCatalogue, failureCode } from './failures.ts';

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
  return error.issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return unknown.map((key) => ({
      path: fieldPath([
        ...(where === undefined ? [] : [where]),
        ...issue.path,
        ...(key === undefined ? [] : [key]),
      ]),
      message: key === undefined ? issue.message : 'there is no such field',
    }));
  });
}

/** `["windows", 0, "from"]` → `windows[0].from` */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
