import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './process.ts';
import { root } from './workspace.ts';

/** A small workspace with this repository's floors: files by path, and what dependency-cruiser says of them. */
async function cruise(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-floors-'));
  try {
    for (const name of ['.dependency-cruiser.mjs', 'tsconfig.base.json']) {
      await copyFile(path.join(root, name), path.join(folder, name));
    }
    await mkdir(path.join(folder, 'node_modules', '@toolyard'), { recursive: true });
    const homes = new Set(Object.keys(files).map((file) => file.split('/').slice(0, 2).join('/')));
    for (const home of homes) {
      const name = `@toolyard/${path.basename(home)}`;
      const exports = { '.': { '@toolyard/source': './src/index.ts', default: './dist/index.js' } };
      await mkdir(path.join(folder, home, 'src'), { recursive: true });
      await writeFile(path.join(folder, home, 'package.json'), JSON.stringify({ name, type: 'module', exports }));
      await symlink(path.join(folder, home), path.join(folder, 'node_modules', name));
    }
    for (const [file, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), content);
    }
    const depcruise = path.join(root, 'node_modules', '.bin', 'depcruise');
    return await run(depcruise, [...new Set(Object.keys(files).map((file) => file.split('/')[0] ?? ''))], {
      cwd: folder,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const protocol = { 'packages/protocol/src/index.ts': 'export const seam = 1;' };
const uses = (name: string): string => `import { seam } from '@toolyard/${name}';\nexport const use: number = seam;`;

describe('the floors', () => {
  it('let imports go down', async () => {
    const { code, output } = await cruise({
      ...protocol,
      'packages/registry/src/index.ts': `${uses('protocol')}\nexport { seam } from '@toolyard/protocol';`,
      'packages/orchestrator/src/index.ts': `${uses('registry')}\nexport { seam } from '@toolyard/protocol';`,
      'apps/gateway/src/main.ts': uses('orchestrator'),
    });
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('no dependency violations found'),
    });
  });

  it.each([
    [
      'up',
      'floor-0',
      { 'packages/protocol/src/index.ts': uses('cache'), 'packages/cache/src/index.ts': 'export const seam = 1;' },
    ],
    [
      'up as a type only',
      'floor-0',
      {
        'packages/protocol/src/index.ts': `import type { A } from '@toolyard/cache';\nexport type B = A;`,
        'packages/cache/src/index.ts': 'export type A = 1;',
      },
    ],
    [
      'to a neighbour',
      'floor-1',
      {
        'packages/transport-http/src/index.ts': uses('transport-stdio'),
        'packages/transport-stdio/src/index.ts': 'export const seam = 1;',
      },
    ],
    [
      'up, in a test too',
      'floor-2',
      {
        'packages/registry/src/a.test.ts': uses('orchestrator'),
        'packages/orchestrator/src/index.ts': 'export const seam = 1;',
      },
    ],
    [
      'to an app',
      'floor-3',
      {
        'packages/orchestrator/src/index.ts': uses('gateway'),
        'apps/gateway/src/index.ts': 'export const seam = 1;',
      },
    ],
    [
      'from app to app',
      'floor-4',
      { 'apps/console/src/index.ts': uses('gateway'), 'apps/gateway/src/index.ts': 'export const seam = 1;' },
    ],
    [
      'of a contract suite beyond the protocol',
      'contract-tests-know-interfaces-only',
      {
        'packages/contract-tests/src/index.ts': uses('cache'),
        'packages/cache/src/index.ts': 'export const seam = 1;',
      },
    ],
    [
      'of a contract suite outside tests',
      'contract-tests-are-for-tests',
      {
        'packages/cache/src/index.ts': uses('contract-tests'),
        'packages/contract-tests/src/index.ts': 'export const seam = 1;',
      },
    ],
    [
      'of an era by the wire core',
      'eras-stay-in-their-folder',
      {
        'packages/protocol/src/wire/read.ts': `export { era } from '../eras/era.ts';`,
        'packages/protocol/src/eras/era.ts': 'export const era = 1;',
      },
    ],
    [
      'past the front door',
      'through-the-front-door',
      {
        'packages/registry/src/index.ts': `export { era } from '../../protocol/src/eras/era.ts';`,
        'packages/protocol/src/eras/era.ts': 'export const era = 1;',
      },
    ],
    [
      'of tooling by a product',
      'products-without-tooling',
      {
        'packages/cache/src/index.ts': `export { help } from '../../../tooling/bench/src/help.ts';`,
        'tooling/bench/src/help.ts': 'export const help = 1;',
      },
    ],
    [
      'in a circle',
      'no-cycles',
      {
        'packages/protocol/src/a.ts': `import { b } from './b.ts';\nexport const a = (): number => b();`,
        'packages/protocol/src/b.ts': `import { a } from './a.ts';\nexport const b = (): number => a();`,
      },
    ],
    ['of nothing', 'no-unknown-imports', { 'packages/protocol/src/index.ts': `export { a } from './absent.ts';` }],
  ] satisfies readonly (readonly [string, string, Readonly<Record<string, string>>])[])(
    'forbid an import %s (%s)',
    async (_, rule, files) => {
      const { code, output } = await cruise(files);
      expect(output).toContain(`error ${rule}: `);
      expect(code).toBe(1);
    },
  );

  it('let types refer to one another', async () => {
    const { code } = await cruise({
      'packages/protocol/src/a.ts': `import type { B } from './b.ts';\nexport interface A { readonly b: B }`,
      'packages/protocol/src/b.ts': `import type { A } from './a.ts';\nexport interface B { readonly a: A }`,
    });
    expect(code).toBe(0);
  });

  it('know every package', async () => {
    const { code, output } = await cruise({ 'packages/homeless/src/index.ts': '' });
    expect(output).toContain('names no floor for: homeless');
    expect(code).not.toBe(0);
  });
});
