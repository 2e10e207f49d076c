import type { GatewayClient } from '@watchtower/client';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { type Output, outputTo } from './output.ts';

/** What commands work with. */
export interface CommandContext {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder the command was given in. */
  readonly folder: string;
  output(options: { readonly json?: boolean }): Output;
  /** @throws WatchtowerError where no gateway is known */
  client(): Promise<GatewayClient>;
  /** Ends the command with this code once it is done. */
  exitWith(code: ExitCode): void;
  readonly exitCode: ExitCode;
}

export function processContext(): CommandContext {
  const { env: variables, stdout, stderr } = process;
  const folder = process.cwd();
  let exitCode: ExitCode = exitCodes.ok;
  return {
    variables,
    folder,
    output: ({ json = false }) => outputTo({ stdout, stderr }, variables, json),
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
