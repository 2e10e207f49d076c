import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  definitionInput,
  fieldPath,
  type JsonObject,
  jsonObject,
  locatedProblems,
  WatchtowerError,
} from '@watchtower/contracts';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { closestName } from './closest-name.ts';
import { fieldNamesAt } from './definition-fields.ts';

/** What a file of ours is called. */
type YamlForm = 'definition' | 'drift configuration';

/** Lines and columns count from 1. */
export type DefinitionProblem = {
  readonly line: number;
  readonly column: number;
  /** As in `retrain.command`; empty for the file as a whole. */
  readonly field: string;
  readonly message: string;
};

/** `InvalidDefinition` with everything that is wrong with the file: in its message, and as `problems` in its details. */
function invalid(
  file: string,
  problems: readonly DefinitionProblem[],
  what: YamlForm = 'definition',
): WatchtowerError {
  const lines = problems.map(
    ({ line, column, field, message }) => `  ${file}:${line}:${column} ${field && `${field}: `}${message}`,
  );
  const message = `${file} is not a valid ${what}:\n${lines.join('\n')}`;
  return new WatchtowerError('InvalidDefinition', message, { details: { file, problems } });
}

/**
 * Reads and checks a `watchtower.yaml`. What comes back is the definition as written, with `base_dir` absolute: the
 * file's folder, or what the file says relative to it. Defaults are filled in by the gateway, which knows them all.
 *
 * @throws WatchtowerError `InvalidDefinition` that names every problem with its place
 */
export async function readDefinitionFile(file: string): Promise<JsonObject> {
  return parseDefinition(await readYamlText(file, 'definition'), file);
}

/** @throws WatchtowerError `InvalidDefinition` where the file cannot be read */
export async function readYamlText(file: string, what: YamlForm): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new WatchtowerError('InvalidDefinition', unreadable(file, what, error), {
      details: { file },
      cause: error,
    });
  }
}

function unreadable(file: string, what: YamlForm, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `There is no ${what} file ${path.resolve(file)}; correct the path.`;
  if (code === 'EISDIR') return `${file} is a folder; name the ${what} file in it.`;
  return `The ${what} file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
}

/**
 * @param file where the text came from: for messages, and the folder relative paths start from
 * @throws WatchtowerError as `readDefinitionFile`
 */
export function parseDefinition(text: string, file: string): JsonObject {
  const { written, data } = parseYaml(text, file, definitionInput, 'definition');
  return { ...written, base_dir: path.resolve(path.dirname(file), data.base_dir) };
}

/**
 * YAML of one form, as written and as understood.
 *
 * @throws WatchtowerError `InvalidDefinition` that names every problem with its place
 */
export function parseYaml<Form extends z.ZodType>(
  text: string,
  file: string,
  form: Form,
  what: YamlForm,
): { readonly written: JsonObject; readonly data: z.output<Form> } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number, field: string, message: string): DefinitionProblem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), field, message };
  };
  const syntax = [...document.errors, ...document.warnings].map(({ pos, message }) =>
    at(pos[0], '', message),
  );
  if (syntax.length > 0) throw invalid(file, syntax, what);

  const written = jsonObject.safeParse(plainValue(document));
  if (!written.success) {
    const example = what === 'definition' ? 'model: flights' : 'target: late';
    throw invalid(file, [at(0, '', `a ${what} is a mapping such as "${example}", of plain values`)], what);
  }
  const checked = form.safeParse(written.data);
  if (!checked.success) {
    const problems = locatedProblems(checked.error).map(({ path: place, message }) =>
      at(offsetOf(document, place), fieldPath(place), message + hint(form, place, message)),
    );
    throw invalid(
      file,
      problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
      what,
    );
  }
  return { written: written.data, data: checked.data };
}

function plainValue(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    // An alias that leads nowhere, or one that would unfold without end.
    return undefined;
  }
}

function hint(form: z.ZodType, place: readonly PropertyKey[], message: string): string {
  if (message !== 'there is no such field') return '';
  const names = fieldNamesAt(form, place.slice(0, -1));
  const meant = closestName(String(place.at(-1)), names);
  if (meant !== undefined) return `; did you mean "${meant}"?`;
  return names.length === 0 ? '' : `; possible here: ${names.join(', ')}`;
}

/** Where the field's name stands; for one that is missing, the nearest thing above it. */
function offsetOf(document: Document, place: readonly PropertyKey[]): number {
  for (let depth = place.length; depth > 0; depth -= 1) {
    const parent = document.getIn(place.slice(0, depth - 1), true);
    const last = place[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    const node = document.getIn(place.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
