// What a bundle was made of, with the times of its files: written by ../bundle.mjs, asked by it and by watchtower.mjs.
import { readFileSync, statSync, writeFileSync } from 'node:fs';

const list = 'inputs.json';

/** @param {URL} folder of the bundle */
export function noteInputs(folder, files) {
  const noted = files.map((file) => [file, statSync(new URL(file, folder)).mtimeMs]);
  writeFileSync(new URL(list, folder), JSON.stringify(noted));
}

/**
 * Whether nothing that the bundle was made of has been written since.
 *
 * @param {URL} folder of the bundle
 */
export function isCurrent(folder) {
  try {
    const inputs = JSON.parse(readFileSync(new URL(list, folder), 'utf8'));
    return inputs.every(([file, time]) => statSync(new URL(file, folder)).mtimeMs === time);
  } catch {
    return false;
  }
}
