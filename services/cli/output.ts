import Table from 'cli-table3';
import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Where a command writes: tables and sentences for people, or one JSON document for machines. */
export interface Output {
  readonly json: boolean;
  readonly colours: Colours;
  /** A line for people; nothing where machines listen. */
  say(line: string): void;
  /** The result as JSON; nothing where people read. One a line where there are several. */
  data(value: unknown): void;
  /** To the error stream, for both. */
  note(line: string): void;
}

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Colour only where a terminal shows it, and never where NO_COLOR is set (no-color.org). */
export function outputTo(
  streams: { readonly stdout: Stream; readonly stderr: Stream },
  variables: Readonly<Record<string, string | undefined>>,
  json: boolean,
): Output {
  const coloured = streams.stdout.isTTY === true && !variables.NO_COLOR && variables.TERM !== 'dumb';
  return {
    json,
    colours: picocolors.createColors(coloured && !json),
    say: (line) => {
      if (!json) streams.stdout.write(`${line}\n`);
    },
    data: (value) => {
      if (json) streams.stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (line) => {
      streams.stderr.write(`${line}\n`);
    },
  };
}

const noLines = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle'
    .split(' ')
    .map((part) => [part, '']),
);

/** Columns without rules, so that `cut` and `awk` can read them as well. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  colours: Colours,
): string {
  const drawn = new Table({
    head: head.map((cell) => colours.dim(cell)),
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Text from outside without control characters: a training's log line must not steer the terminal. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
