/** A name as SQL: whatever it holds, it stays one name. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL: whatever it holds, it stays one value. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const literalList = (texts: readonly string[]): string => `[${texts.map(literal).join(', ')}]`;

/** An instant (ISO 8601, UTC) as a TIMESTAMP without time zone. */
export const timestamp = (instant: string): string =>
  `TIMESTAMP ${literal(new Date(instant).toISOString().replace('T', ' ').replace('Z', ''))}`;
