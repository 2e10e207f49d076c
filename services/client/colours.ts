import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colour only where a terminal shows it, and never where NO_COLOR is set (no-color.org). */
export const coloursFor = (
  stream: { readonly isTTY?: boolean },
  variables: Readonly<Record<string, string | undefined>>,
): Colours =>
  picocolors.createColors(stream.isTTY === true && !variables.NO_COLOR && variables.TERM !== 'dumb');

/** Text from outside without control characters: a training's log line must not steer the terminal. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
