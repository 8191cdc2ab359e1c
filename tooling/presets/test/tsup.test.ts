import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** A package with a command, and with what is installed for it. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'toolyard-command-'));
  await write({ 'package.json': '{"type":"module"}', 'tsconfig.json': '{}' });
  await mkdir(inside('node_modules/@toolyard'), { recursive: true });
  await symlink(here('.'), inside('node_modules/@toolyard/presets'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const inside = (name: string): string => path.join(folder, name);
const licenses = (): Promise<string> => readFile(inside('dist/THIRD-PARTY-LICENSES.txt'), 'utf8');

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(inside(name)), { recursive: true });
    await writeFile(inside(name), text);
  }
}

/** Rejects with what was said where the build fails. */
async function bundle(texts: Readonly<Record<string, string>> = {}): Promise<void> {
  const options = JSON.stringify({ entry: 'main.ts', bundle: [], licenses: texts });
  const config = `import { command } from '@toolyard/presets/tsup';\nexport default command(${options});\n`;
  await write({ 'tsup.config.ts': config });
  await run(here('node_modules/.bin/tsup'), [], { cwd: folder });
}

async function output(file: string): Promise<string> {
  return (await run(process.execPath, [inside(file)])).stdout;
}

const library = {
  'node_modules/@one/lib/package.json':
    '{"name":"@one/lib","version":"1.2.3","license":"MIT","type":"module","main":"index.js"}',
  'node_modules/@one/lib/index.js': 'export const one = () => Date.now();',
};

describe('a command', () => {
  it('has what it imports in it, with the text of its license', async () => {
    await write({
      ...library,
      'node_modules/@one/lib/LICENSE.md': 'Do as you like.\r\n',
      'node_modules/unused/package.json': '{"name":"unused","version":"1.0.0","sideEffects":false}',
      'node_modules/unused/index.js': 'export const unused = 1;',
      'main.ts': `import { one } from '@one/lib'; import { unused } from 'unused'; console.log(one() > 0);`,
    });
    await bundle();
    expect(await licenses()).toBe(
      `This program contains code of these packages.\n\n${'-'.repeat(80)}\n@one/lib 1.2.3 (MIT)\n\nDo as you like.\n`,
    );
    await rm(inside('node_modules'), { recursive: true });
    expect(await output('dist/main.js')).toBe('true\n');
  });

  it('is not built where a package brings no text of its license, unless that is given', async () => {
    await write({
      ...library,
      'mit.txt': 'As it should be.',
      'main.ts': `import { one } from '@one/lib'; console.log(one() > 0);`,
    });
    await expect(bundle()).rejects.toThrow('@one/lib 1.2.3 brings no text of its license (MIT).');
    await bundle({ '@one/lib': 'mit.txt' });
    expect(await licenses()).toContain('As it should be.');
  });

  it('is not built where it imports CommonJS lazily, which would come without names', async () => {
    await write({
      'lib.cjs': 'exports.one = 1;',
      'main.ts': `const { one } = await import('./lib.cjs'); console.log(one);`,
    });
    await expect(bundle()).rejects.toThrow('import() of CommonJS has no names in a bundle: lib.cjs.');
  });

  it('serves HTTP without the fetch of Node', async () => {
    await write({
      'main.ts': `import { createServer } from 'node:http';
createServer().listen(0, '127.0.0.1', function () {
  console.log(process.moduleLoadList.some((name) => name.includes('deps/undici')));
  this.close();
});`,
    });
    expect(await output('main.ts')).toBe('true\n');
    await bundle();
    expect(await output('dist/main.js')).toBe('false\n');
  });
});
