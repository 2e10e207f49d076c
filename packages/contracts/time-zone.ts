/**
 * What is wrong with the name of a time zone: it is one of the IANA database, spelled as there (Temporal looks it up as a
 * file), never an offset.
 *
 * @returns null where nothing is
 */
export function timeZoneProblem(name: string): string | null {
  const unknown = `"${name}" is not a time zone of the IANA database, such as "UTC" or "Europe/Berlin"`;
  if (!/^[A-Za-z]/.test(name)) return unknown;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    const misspelled = timeZone !== name && timeZone.toLowerCase() === name.toLowerCase();
    return misspelled ? `"${name}" is spelled "${timeZone}"` : null;
  } catch {
    return unknown;
  }
}
