/** Bytes: what Linux and macOS allow a name, and a path of a model below one of our folders. */
const longestName = 255;
const longestPath = 1000;

/**
 * Whether a path that a server names is a folder's own child, by a plain name. A path that is absolute, or holds `..` or
 * a NUL, would have us write somewhere else.
 *
 * @param folder without a slash at its end; '' is the root
 */
export function isChildOf(folder: string, path: string): boolean {
  const parent = folder === '' ? '' : `${folder}/`;
  if (!path.startsWith(parent) || Buffer.byteLength(path) > longestPath) return false;
  const name = path.slice(parent.length);
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !/[/\0]/.test(name) &&
    Buffer.byteLength(name) <= longestName
  );
}
