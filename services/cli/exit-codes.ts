/** What the command's end says to scripts. docs/reference/cli.md lists the same. */
export const exitCodes = {
  ok: 0,
  /** It worked, and the answer is no: drift found, run failed, audit broken. */
  negative: 1,
  /** Wrong usage, or input that is not valid. */
  usage: 2,
  /** The gateway was not reached, did not accept the key, or failed. */
  unreachable: 3,
  /** The gateway understood and refused: the run is not in a state for that. */
  refused: 4,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a message for people and a code for scripts. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
