import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import { expect } from 'vitest';

/**
 * Checks that `<name>-wasm.ts` beside a test holds what `<name>.as` compiles to, so that nothing has to be built to run from source. Under
 * `vitest -u` it writes that file anew. `test` is the URL of the test file, `<name>-wasm.test.ts`; `more` are options of the compiler.
 */
export async function expectCompiled(test: string, name: string, more: readonly string[] = []): Promise<void> {
  const binary = await compile(name, await readFile(new URL(`${name}.as`, test), 'utf8'), more);
  const base64 = Buffer.from(binary).toString('base64');
  await expect(`/** Made of \`${name}.as\` by \`${name}-wasm.test.ts\`. */
export const ${name}Wasm =
  '${base64}';
`).toMatchFileSnapshot(`./${name}-wasm.ts`);
}

async function compile(name: string, source: string, more: readonly string[]): Promise<Uint8Array> {
  const options = ['-O3', '--runtime', 'stub', '--importMemory', '--noAssert', '--enable', 'simd', ...more];
  let binary: Uint8Array | undefined;
  const { error } = await asc.main([`${name}.ts`, '-o', `${name}.wasm`, ...options], {
    readFile: (file: string) => (file === `${name}.ts` ? source : null),
    writeFile: (_name: string, contents: unknown) => void (binary = contents as Uint8Array),
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(`${name}.as does not compile`, { cause: error });
  return binary;
}
