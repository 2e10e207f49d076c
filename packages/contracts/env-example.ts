import { z } from 'zod';
import { environment, secretVariables } from './environment.ts';

/**
 * The text of `.env.example`: every variable with what it is for, what it may be and its default, each commented out. A
 * secret has no example.
 */
export function envExample(): string {
  const { properties } = described.parse(
    z.toJSONSchema(environment, { io: 'input', unrepresentable: 'any' }),
  );
  const blocks = Object.entries(properties).map(([name, variable]) => {
    const secret = secretVariables.has(name);
    const value = secret || variable.default === undefined ? '' : String(variable.default);
    const choices = variable.enum === undefined ? '' : ` (${variable.enum.join(', ')})`;
    const note = secret ? ' Secret.' : '';
    return `# ${variable.description}${choices}.${note}\n# ${name}=${value}`;
  });
  return [heading, ...blocks, ''].join('\n\n').replace(/\n+$/, '\n');
}

const heading = `# Made by \`npm run env-example\` from packages/contracts/environment.ts: change it there.
# For docker compose: copy this file to .env and set two more, POSTGRES_PASSWORD (here alone) and API_KEY. The addresses
# and folders inside its network are docker-compose.yml's own and stronger than this file; everything else counts.
# Without compose nobody reads .env: put the variables into the environment of gateway and worker. The embedded stack
# (npm run up) sets the addresses, folders and the key by itself. An empty value counts as unset.

# docker compose only: the password of its PostgreSQL. Letters and digits, since it becomes part of an address. Secret.
# POSTGRES_PASSWORD=`;

const described = z.object({
  properties: z.record(
    z.string(),
    z.object({
      description: z.string(),
      default: z.union([z.string(), z.number()]).optional(),
      enum: z.array(z.string()).optional(),
    }),
  ),
});
