import { findGateway } from './connection.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { GatewayClient } from './gateway-client.ts';
import { type Output, outputTo } from './output.ts';

/** What commands work with. */
export interface CommandContext {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder the command was given in. */
  readonly folder: string;
  output(options: { readonly json?: boolean }): Output;
  /** @throws CommandFailure where no gateway is known */
  client(): GatewayClient;
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
    client: () => new GatewayClient(findGateway(variables, folder)),
    exitWith: (code) => {
      exitCode = code;
    },
    get exitCode() {
      return exitCode;
    },
  };
}
