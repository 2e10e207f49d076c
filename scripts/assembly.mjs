// Builds an AssemblyScript program into a TypeScript file that holds the module:
//
//     node scripts/assembly.mjs <source.ts> <target.ts> [--print]
//
// Paths are relative to the repository. With --print the file goes to standard output instead.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const root = path.join(import.meta.dirname, '..');
const [source, target] = process.argv.slice(2);
if (source === undefined || target === undefined) {
  throw new Error('Give a source and a target: node scripts/assembly.mjs <source.ts> <target.ts> [--print]');
}
const program = readFileSync(path.join(root, source), 'utf8');
const name = path.basename(source);
let binary = null;
const { error } = await asc.main(
  [
    name,
    '--outFile=out.wasm',
    '--runtime=stub',
    '--importMemory',
    '--use=abort=',
    '--noAssert',
    '-O3',
    '--enable=simd',
    '--noColors',
  ],
  {
    readFile: (wanted) => (wanted === name ? program : null),
    writeFile: (written, contents) => {
      if (written === 'out.wasm') binary = contents;
    },
    listFiles: () => [],
  },
);
if (error || binary === null) {
  process.stderr.write(String(error));
  throw error ?? new Error('The compiler wrote nothing.');
}
const lines =
  Buffer.from(binary)
    .toString('base64')
    .match(/.{1,96}/g) ?? [];
const module = `// Made of assembly/${name} by scripts/assembly.mjs. Not to be changed by hand.
export const wasmBinary = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
if (process.argv.includes('--print')) process.stdout.write(module);
else writeFileSync(path.join(root, target), module);
