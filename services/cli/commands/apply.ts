import path from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';

export function addApplyCommand(program: Command, context: CommandContext): void {
  program
    .command('apply')
    .description('define a watched model, or change its definition')
    .requiredOption('-f, --file <file>', 'the definition, such as watchtower.yaml')
    .option('--json', 'print JSON')
    .action(async (options: { readonly file: string; readonly json?: boolean }) => {
      const out = context.output(options);
      // Reads YAML and checks it against the schemas: only where it is needed.
      const { readDefinitionFile } = await import('@watchtower/client/definition-file');
      const definition = await readDefinitionFile(
        path.relative('', path.resolve(context.folder, options.file)) || '.',
      );
      const client = await context.client();
      const body = await client.apply(definition);
      out.data(body);
      const { name, version, digest, changed, schedule_synchronised } = body;
      const what = changed
        ? `${name} is now at version ${version}`
        : `${name} is at version ${version} already`;
      out.say(`${what} (${digest.slice(0, 12)}).`);
      if (!schedule_synchronised) {
        out.note(
          'Its schedule is not that of this version yet: Temporal does not answer. It follows by itself.',
        );
      } else if (definition.schedule !== undefined) {
        out.say('Its schedule is that of this version.');
      }
    });
}
