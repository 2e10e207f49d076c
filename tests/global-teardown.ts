import { rmSync } from 'node:fs';

/** Stops the servers and removes their folder, unless WATCHTOWER_KEEP=1 asks to look into its logs. */
export default async function globalTeardown(): Promise<void> {
  const stack = globalThis.watchtowerTestStack;
  if (stack === undefined) return;
  await stack.stop();
  if (process.env.WATCHTOWER_KEEP === '1') console.log(`Kept: ${stack.state.home}`);
  else rmSync(stack.state.home, { recursive: true, force: true });
}
