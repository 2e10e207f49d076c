// Builds assembly/kernels.ts into kernels/wasm-binary.ts; with --print writes the module to standard output instead.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const folder = import.meta.dirname;
const target = path.join(folder, '../kernels/wasm-binary.ts');
const source = readFileSync(path.join(folder, 'kernels.ts'), 'utf8');
let binary = null;
const { error } = await asc.main(
  [
    'kernels.ts',
    '--outFile=kernels.wasm',
    '--runtime=stub',
    '--importMemory',
    '--use=abort=',
    '--noAssert',
    '-O3',
    '--enable=simd',
    '--noColors',
  ],
  {
    readFile: (name) => (name === 'kernels.ts' ? source : null),
    writeFile: (name, contents) => {
      if (name === 'kernels.wasm') binary = contents;
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
const module = `// Made of assembly/kernels.ts by "npm run kernels" in this package. Not to be changed by hand.
export const wasmBinary = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
if (process.argv.includes('--print')) process.stdout.write(module);
else writeFileSync(target, module);
