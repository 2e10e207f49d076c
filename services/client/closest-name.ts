/**
 * The name that was probably meant, for hints: the one with the least edits (Levenshtein), where that is at most two
 * fifths of the letters: two letters that changed places, in a word of five, are two edits.
 */
export function closestName(written: string, names: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly edits: number } | undefined;
  for (const name of names) {
    const edits = editDistance(written.toLowerCase(), name.toLowerCase());
    if (
      edits * 5 <= 2 * Math.max(written.length, name.length) &&
      (best === undefined || edits < best.edits)
    ) {
      best = { name, edits };
    }
  }
  return best?.name;
}

/** Insertions, deletions and substitutions that turn one text into the other. */
export function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (const [index, letter] of left.split('').entries()) {
    const next = [index + 1];
    for (const [column, other] of right.split('').entries()) {
      const substituted = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
