import { table } from '@watchtower/client/table';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { localTime } from '../run-text.ts';

export function addModelsCommand(program: Command, context: CommandContext): void {
  program
    .command('models')
    .description('list the watched models')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const out = context.output(options);
      const client = await context.client();
      const body = await client.models();
      out.data(body);
      if (body.models.length === 0) out.say('No model is watched yet: watchtower apply -f watchtower.yaml');
      else {
        const rows = body.models.map(({ name, version, digest, created_at }) => [
          name,
          String(version),
          digest.slice(0, 12),
          localTime(created_at),
        ]);
        out.say(table(['MODEL', 'VERSION', 'DIGEST', 'SINCE'], rows, out.colours));
      }
    });
}
