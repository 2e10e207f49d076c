import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** A JSON file of ours, or undefined where it is missing, unreadable or of another form: it is then made anew. */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
