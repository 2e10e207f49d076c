import { type FailureCode, failureCatalogue } from '@watchtower/contracts/failure-catalogue';

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
  /** A defect of the command itself. */
  unforeseen: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A refusal of the input, of the state, or a gateway that cannot help now. */
export function exitCodeOf(code: FailureCode): ExitCode {
  const { status } = failureCatalogue[code];
  if (status === 409 || status === 412) return exitCodes.refused;
  if (status === 401 || status === 403 || status >= 500) return exitCodes.unreachable;
  return exitCodes.usage;
}
