import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, type Ended } from './process.ts';
import { root } from './workspace.ts';

/** Runs `.ci/run` of a checkout whose `npm test` is `script`, from another folder. */
async function ci(
  script: string,
  files: readonly string[] = [],
): Promise<Ended & { readonly last: string | undefined }> {
  const parent = await mkdtemp(path.join(tmpdir(), 'toolyard-ci-'));
  try {
    const folder = path.join(parent, 'main');
    await mkdir(path.join(folder, '.ci'), { recursive: true });
    await copyFile(path.join(root, '.ci', 'run'), path.join(folder, '.ci', 'run'));
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ scripts: { test: 'node test.cjs' } }));
    await writeFile(path.join(folder, 'test.cjs'), script);
    for (const file of files) await mkdir(path.join(parent, file), { recursive: true });
    const ended = await run('env', ['-u', 'TOOLYARD_SPEC_EXAMPLES', path.join(folder, '.ci', 'run')], { cwd: parent });
    return { ...ended, last: ended.stdout.trimEnd().split('\n').at(-1) };
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

describe('.ci/run', () => {
  it('ends with the counts of the check, and as the check does', async () => {
    expect(await ci(`console.log('5 passed, 0 failed')`)).toMatchObject({ code: 0, last: '5 passed, 0 failed' });
    expect(await ci(`console.log('5 passed, 1 failed, 2 skipped'); process.exitCode = 1`)).toMatchObject({
      code: 1,
      last: '5 passed, 1 failed, 2 skipped',
    });
  });

  it('counts a failure when the check ends before it could count', async () => {
    expect(await ci(`throw new Error('crashed')`)).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
    expect(await ci(`process.kill(process.pid, 'SIGKILL')`)).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
    expect(await ci(`console.log('nothing')`)).toMatchObject({ code: 1, last: '0 passed, 1 failed' });
  });

  it('counts a failure when the check fails after it counted none', async () => {
    expect(await ci(`console.log('5 passed, 0 failed'); process.exitCode = 1`)).toMatchObject({
      code: 1,
      last: '5 passed, 1 failed',
    });
  });

  it('says that nobody is there, and where the examples of the specification are', async () => {
    const script = `console.log(process.env.CI, process.env.TOOLYARD_SPEC_EXAMPLES); console.log('1 passed, 0 failed')`;
    expect((await ci(script)).stdout).toBe('true undefined\n1 passed, 0 failed\n');
    const { stdout } = await ci(script, ['shared/spec/examples/2026-07-28']);
    expect(stdout).toMatch(/^true \/.*\/shared\/spec\/examples\/2026-07-28\n/);
    expect(stdout).not.toContain('..');
  });
});
