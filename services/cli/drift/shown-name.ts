import { printable } from '@watchtower/client/colours';

const most = 80;

/** A column's name on one line, without control characters; a very long one is cut, or no table would fit a screen. */
export function shownName(name: string): string {
  const line = printable(name);
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}
