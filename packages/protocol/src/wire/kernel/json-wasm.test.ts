import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import { expect, test } from 'vitest';

const options = [
  'json.ts',
  '-o',
  'json.wasm',
  '-O3',
  '--runtime',
  'stub',
  '--importMemory',
  '--noAssert',
  '--enable',
  'simd',
];

async function compile(source: string): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error } = await asc.main(options, {
    readFile: (name: string) => (name === 'json.ts' ? source : null),
    writeFile: (_name: string, contents: unknown) => void (binary = contents as Uint8Array),
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error('json.as does not compile', { cause: error });
  return binary;
}

// With `-u` it writes the module anew.
test('the module that is committed is what the AssemblyScript compiles to', { timeout: 60_000 }, async () => {
  const binary = await compile(await readFile(new URL('json.as', import.meta.url), 'utf8'));
  const base64 = Buffer.from(binary).toString('base64');
  await expect(`/** Made of \`json.as\` by \`json-wasm.test.ts\`. */
export const jsonWasm =
  '${base64}';
`).toMatchFileSnapshot('./json-wasm.ts');
});
