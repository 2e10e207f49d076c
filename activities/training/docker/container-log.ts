import { logFileMegabytes } from './container-spec.ts';
import type { Engine } from './engine.ts';

/** One message as the engine kept it: a line, or a part of a long one. */
interface Message {
  /** RFC 3339 with nine digits behind the second, so that texts compare as times do. */
  readonly at: string;
  readonly text: string;
}

export interface LogState {
  readonly lines: number;
  readonly last_line: string;
  /** Milliseconds since the epoch; 0 where nothing was written. */
  readonly changed_at: number;
}

/** Of what was added between two looks, this many messages of at most 16 KiB are read, whatever there is. */
export const mostMessagesALook = 500;

/**
 * Follows a container's log by asking: whoever asks next goes on. A flood waits in the engine, which keeps 16 MB of it, and
 * of that the end alone is read here, so that lines are counted in full only where they come slower than that.
 */
export function followContainerLog(engine: Pick<Engine, 'logs'>) {
  let container = '';
  let newest = '';
  let state: LogState = { lines: 0, last_line: '', changed_at: 0 };
  return {
    read: async (name: string): Promise<LogState> => {
      if (name !== container) newest = '';
      container = name;
      // The end alone first: where nothing was added, nothing is read.
      const end = messages(await engine.logs(name, { tail: 1, timestamps: true })).at(-1);
      if (!end || end.at <= newest) return state;
      const since = newest === '' ? {} : { since: seconds(newest) };
      const options = { timestamps: true, tail: mostMessagesALook, ...since };
      const added = messages(await engine.logs(name, options)).filter(({ at }) => at > newest);
      newest = added.at(-1)?.at ?? end.at;
      const last = added.findLast(({ text }) => text.trim() !== '')?.text ?? state.last_line;
      state = {
        lines: state.lines + added.length,
        last_line: last.trim().slice(0, 500),
        changed_at: Date.parse(newest),
      };
      return state;
    },
  };
}

/** What the engine has of a container's output, in the order in which it came. */
export async function wholeLog(engine: Pick<Engine, 'logs'>, name: string): Promise<Buffer> {
  const log = Buffer.concat(payloads(await engine.logs(name)));
  // Of two files, the older goes when the newer is full.
  if (log.length < (logFileMegabytes - 2) * 1024 ** 2) return log;
  return Buffer.concat([
    Buffer.from(`[watchtower: of a longer log the last ${log.length} bytes were kept]\n`),
    log,
  ]);
}

function messages(multiplexed: Buffer): readonly Message[] {
  return payloads(multiplexed).map((payload) => {
    const text = payload.toString('utf8');
    const space = text.indexOf(' ');
    return { at: text.slice(0, space), text: text.slice(space + 1) };
  });
}

/** The engine's framing: stream, three zeros, length in four bytes (big-endian), payload. */
export function payloads(multiplexed: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 8 <= multiplexed.length; ) {
    const length = multiplexed.readUInt32BE(at + 4);
    found.push(multiplexed.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return found;
}

function seconds(timestamp: string): string {
  const fraction = /\.(\d+)/.exec(timestamp)?.[1] ?? '0';
  return `${Math.floor(Date.parse(timestamp) / 1000)}.${fraction}`;
}
