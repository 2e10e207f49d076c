/** Why the embedded stack can't start, and what to do about it, in words for the person at the terminal. */
export class StackError extends Error {
  override readonly name = 'StackError';
}
