import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { describe, test } from '@jest/globals';
import { missingAirflow } from '../scripts/setup/airflow.mjs';

/** What some tests need and not every machine has. */
export interface OptionalPart {
  readonly name: string;
  /** Why it can't be used here, or undefined where it can. */
  readonly missing: () => string | undefined;
}

export const docker: OptionalPart = {
  name: 'Docker',
  missing: () => {
    try {
      execFileSync('docker', ['info', '--format', '{{.ServerVersion}}'], {
        stdio: 'ignore',
        timeout: 10_000,
      });
      return undefined;
    } catch {
      return 'no Docker engine answers `docker info`';
    }
  },
};

export const airflow: OptionalPart = { name: 'Airflow', missing: () => missingAirflow() };

/**
 * A `describe` that is skipped where the part is missing; `npm test` says so at its end. With WATCHTOWER_REQUIRE=all
 * (as in `.ci/run`) it fails instead, so that nothing is skipped unnoticed.
 */
export function describeWith(part: OptionalPart, name: string, body: () => void): void {
  const why = part.missing();
  if (why === undefined) {
    describe(name, body);
    return;
  }
  if (process.env.WATCHTOWER_REQUIRE === 'all') {
    test(`${name}: ${part.name} is there`, () => {
      throw new Error(`${part.name} is missing (${why}) and WATCHTOWER_REQUIRE=all forbids to skip it.`);
    });
    return;
  }
  const file = process.env.WATCHTOWER_SKIPPED;
  if (file !== undefined) appendFileSync(file, `${name}: skipped, ${part.name} is missing (${why})\n`);
  describe.skip(name, body);
}
