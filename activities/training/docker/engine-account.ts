import { z } from 'zod';

const accountLine = z.object({ error: z.string().optional(), stream: z.string().optional() });
const keptCharacters = 2_000;
const longestLine = 1024 ** 2;

/**
 * Reads the engine's account of a pull or a build to its end. What a build prints has no limit: its end alone is kept.
 *
 * @returns the last lines, where it went wrong
 */
export async function failureIn(account: AsyncIterable<string | Uint8Array>): Promise<string | null> {
  const decoder = new TextDecoder();
  let said = '';
  let wrong: string | undefined;
  let partial = '';
  const read = (line: string) => {
    const { stream = '', error } = accountLine.safeParse(jsonOf(line)).data ?? {};
    said = `${said}${stream}`.slice(-keptCharacters);
    wrong = error ?? wrong;
  };
  for await (const chunk of account) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = `${partial}${text}`.split('\n');
    partial = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) read(line);
  }
  read(partial);
  return wrong === undefined ? null : `${said}${wrong}`.slice(-keptCharacters);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
