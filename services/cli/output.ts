import { type Colours, coloursFor } from '@watchtower/client/colours';
import type { JsonObject } from '@watchtower/contracts';
import type { FailureCode } from '@watchtower/contracts/failure-catalogue';
import type { ExitCode } from './exit-codes.ts';

/** Where a command writes: tables and sentences for people, or JSON documents for machines, one a line. */
export interface Output {
  readonly colours: Colours;
  /** A line for people; nothing where machines listen. */
  say(line: string): void;
  /** The result as JSON; nothing where people read. */
  data(value: unknown): void;
  /** What is worth knowing beside the result, to the error stream: a line, or `{"note": …}`. */
  note(line: string): void;
  /** Why there is no result, to the error stream: a sentence, or `{"error": {…}}`. */
  failure(failure: CommandFailure): void;
}

export interface CommandFailure {
  readonly code: FailureCode;
  readonly message: string;
  readonly exit_code: ExitCode;
  readonly details?: JsonObject;
}

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

export function outputTo(
  streams: Streams,
  variables: Readonly<Record<string, string | undefined>>,
  json: boolean,
): Output {
  const { stdout, stderr } = streams;
  const ignored = (): void => undefined;
  const line = (stream: Stream) => (text: string) => void stream.write(`${text}\n`);
  const document = (stream: Stream) => (value: unknown) => void stream.write(`${JSON.stringify(value)}\n`);
  if (json) {
    return {
      colours: coloursFor({ isTTY: false }, variables),
      say: ignored,
      data: document(stdout),
      note: (note) => document(stderr)({ note }),
      failure: (error) => document(stderr)({ error }),
    };
  }
  return {
    colours: coloursFor(stdout, variables),
    say: line(stdout),
    data: ignored,
    note: line(stderr),
    failure: ({ message, code }) => line(stderr)(message.includes('\n') ? message : `${message} (${code})`),
  };
}
