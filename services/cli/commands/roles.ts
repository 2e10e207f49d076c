import type { Command } from 'commander';

/** The roles a process may take. Each is loaded only where it is asked for. */
export function addRoleCommands(program: Command): void {
  program
    .command('up')
    .description('start the embedded stack: PostgreSQL, Temporal, MLflow, worker and gateway')
    .action(async () => {
      const { runUp } = await import('@watchtower/stack');
      process.exitCode = await runUp();
    });
  program
    .command('gateway')
    .description('serve the HTTP API; configured by the environment (.env.example)')
    .action(async () => {
      await import('@watchtower/gateway/main');
    });
  program
    .command('worker')
    .description('carry out workflows and activities; configured by the environment')
    .action(async () => {
      await import('@watchtower/worker/main');
    });
}
