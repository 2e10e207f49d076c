import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The package's own version: beside the sources in the repository, one folder up from what was built. */
export function version(): string {
  const manifest = createRequire(import.meta.url).resolve('@watchtower/cli/package.json');
  const { version: own }: { readonly version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof own === 'string' ? own : 'unknown';
}
