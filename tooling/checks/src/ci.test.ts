import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, type Ended } from './process.ts';
import { root } from './workspace.ts';

/** Beside the checkout. */
const labelledSets = 'shared/retrieval';
const noSets = 'Search is not measured: there are no labelled sets in ../shared/retrieval.';

interface Checkout {
  /** What `npm test` runs. */
  readonly test: string;
  /** What `npm run toolyard` runs. */
  readonly toolyard?: string;
  /** Folders beside the checkout. */
  readonly beside?: readonly string[];
}

/** Runs `.ci/run` of a checkout from another folder. */
async function ci({
  test,
  toolyard = '',
  beside = [labelledSets],
}: Checkout): Promise<Ended & { readonly lines: readonly string[]; readonly last: string | undefined }> {
  const parent = await mkdtemp(path.join(tmpdir(), 'toolyard-ci-'));
  try {
    const folder = path.join(parent, 'main');
    await mkdir(path.join(folder, '.ci'), { recursive: true });
    await copyFile(path.join(root, '.ci', 'run'), path.join(folder, '.ci', 'run'));
    const scripts = { test: 'node test.cjs', toolyard: 'node toolyard.cjs' };
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ scripts }));
    await writeFile(path.join(folder, 'test.cjs'), test);
    await writeFile(path.join(folder, 'toolyard.cjs'), toolyard);
    for (const name of beside) await mkdir(path.join(parent, name), { recursive: true });
    const ended = await run('env', ['-u', 'TOOLYARD_SPEC_EXAMPLES', path.join(folder, '.ci', 'run')], { cwd: parent });
    const lines = ended.stdout.trimEnd().split('\n');
    return { ...ended, lines, last: lines.at(-1) };
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

describe('.ci/run', () => {
  it('ends with the counts of the check and of the search that it measures, and as they do', async () => {
    const test = `console.log('5 passed, 0 failed')`;
    expect(await ci({ test })).toMatchObject({ code: 0, last: '6 passed, 0 failed' });
    expect(await ci({ test, toolyard: 'process.exitCode = 1' })).toMatchObject({ code: 1, last: '5 passed, 1 failed' });
    expect(await ci({ test: `console.log('5 passed, 1 failed, 2 skipped'); process.exitCode = 1` })).toMatchObject({
      code: 1,
      last: '6 passed, 1 failed, 2 skipped',
    });
  });

  it('counts a failure when the check ends before it could count', async () => {
    for (const test of [`throw new Error('crashed')`, `process.kill(process.pid, 'SIGKILL')`, `console.log('nothing')`])
      expect(await ci({ test })).toMatchObject({ code: 1, last: '1 passed, 1 failed' });
  });

  it('counts a failure when the check fails after it counted none', async () => {
    expect(await ci({ test: `console.log('5 passed, 0 failed'); process.exitCode = 1` })).toMatchObject({
      code: 1,
      last: '6 passed, 1 failed',
    });
  });

  it('measures search with what lies beside the checkout, and says so where nothing does', async () => {
    const test = `console.log('5 passed, 0 failed')`;
    const toolyard = `console.log(process.argv.slice(2).join(' '))`;
    const command = 'eval --data ../shared/retrieval --floor .ci/search-floors.json';
    expect((await ci({ test, toolyard })).lines).toEqual(['5 passed, 0 failed', command, '6 passed, 0 failed']);
    expect(await ci({ test, beside: [] })).toMatchObject({
      code: 0,
      lines: ['5 passed, 0 failed', noSets, '5 passed, 0 failed, 1 skipped'],
    });
  });

  it('says that nobody is there, and where the examples of the specification are', async () => {
    const test = `console.log(process.env.CI, process.env.TOOLYARD_SPEC_EXAMPLES); console.log('1 passed, 0 failed')`;
    expect((await ci({ test })).lines[0]).toBe('true undefined');
    const { lines } = await ci({ test, beside: ['shared/spec/examples/2026-07-28'] });
    expect(lines[0]).toMatch(/^true \/.*\/shared\/spec\/examples\/2026-07-28$/);
    expect(lines[0]).not.toContain('..');
  });
});
