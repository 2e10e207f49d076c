import type { ColumnResult } from './column-result.ts';
import type { ComparisonPlan, Task } from './comparison-plan.ts';

/** What a thread is given. */
export interface ThreadInput {
  readonly plan: ComparisonPlan;
  readonly tasks: readonly Task[];
  /** Two 32-bit integers shared by all threads: the next task, and 1 once the work is cancelled. */
  readonly shared: Int32Array;
}

export const nextTask = 0;
export const cancelled = 1;

/** What it says. */
export type ThreadMessage =
  | { readonly kind: 'rows'; readonly rows: number }
  | { readonly kind: 'columns'; readonly results: readonly ColumnResult[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly cancelled: boolean; readonly message: string };
