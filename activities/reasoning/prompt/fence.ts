/**
 * Data between two markers that cannot occur in it: JSON in which whatever could end the fence, or could
 * hide in it, is written as an escape (angle brackets, ampersands, line and paragraph separators, control
 * and format characters). Reading the JSON gives the data back unchanged.
 */
export function fenced(name: string, value: unknown, step?: number): string {
  const label = step === undefined ? name : `${name}" step="${step}`;
  return `<data name="${label}">\n${harmlessJson(value)}\n</data>`;
}

export const harmlessJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
