import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readJson } from './read-json.ts';
import { writeJson } from './state-folder.ts';

const secrets = z.object({ api_key: z.string().min(16), postgres_password: z.string().min(16) });
export type Secrets = z.infer<typeof secrets>;

/** Made at first start (256 random bits each) and kept in a file of mode 600. */
export function readOrMakeSecrets(file: string): Secrets {
  const kept = readJson(file, secrets);
  if (kept !== undefined) return kept;
  const made = {
    api_key: randomBytes(32).toString('base64url'),
    postgres_password: randomBytes(32).toString('hex'),
  };
  writeJson(file, made);
  return made;
}
