import type { GatewayClient } from '@watchtower/client';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Output, outputTo, type Streams } from './output.ts';

/** Where a command is given. */
export interface CommandPlace {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly streams: Streams;
}

/** What commands work with. */
export interface CommandContext extends CommandPlace {
  output(options: { readonly json?: boolean }): Output;
  /** @throws WatchtowerError where no gateway is known */
  client(): Promise<GatewayClient>;
  /** Ends the command with this code once it is done. */
  exitWith(code: ExitCode): void;
  readonly exitCode: ExitCode;
}

export function commandContext(place: CommandPlace): CommandContext {
  const { variables, folder, streams } = place;
  let exitCode: ExitCode = exitCodes.ok;
  return {
    ...place,
    output: ({ json = false }) => outputTo(streams, variables, json),
    client: async () => {
      // With all schemas of the API, which `--help` and wrong usage do without.
      const [{ findGateway }, { GatewayClient }] = await Promise.all([
        import('@watchtower/client/gateway-address'),
        import('@watchtower/client/gateway-client'),
      ]);
      return new GatewayClient(findGateway(variables, folder));
    },
    exitWith: (code) => {
      exitCode = code;
    },
    get exitCode() {
      return exitCode;
    },
  };
}
