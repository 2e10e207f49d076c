import type { ServiceEvent } from './service.ts';
import type { Stack } from './stack.ts';

type Say = (line: string) => void;

/** What a supervisor reports, as lines for a terminal. */
export const printEvents =
  (say: Say) =>
  (event: ServiceEvent): void => {
    switch (event.kind) {
      case 'ready': {
        const again = event.restarts > 0 ? ` (restart ${event.restarts})` : '';
        say(`✔ ${event.service}${again} ${event.seconds.toFixed(1)} s`);
        break;
      }
      case 'crashed':
        say(`✖ ${event.service} ended: ${event.how}. It is started again in ${event.restartInMs / 1000} s.`);
        for (const line of event.tail) say(`    ${line}`);
        say(`    (${event.log})`);
        break;
      case 'stopped':
        say(`· ${event.service} stopped`);
        break;
      case 'note':
        say(`· ${event.text}`);
        break;
    }
  };

/** Where everything is. The key itself stands in a file only its owner can read. */
export function linksOf({ endpoints, state }: Pick<Stack, 'endpoints' | 'state'>): readonly string[] {
  return [
    `  Gateway      ${endpoints.gateway}/docs`,
    `  Temporal UI  ${endpoints.temporal_ui}`,
    `  MLflow       ${endpoints.mlflow}`,
    `  Addresses and API key: ${state.endpoints}`,
    `  Logs: ${state.logs}`,
  ];
}
