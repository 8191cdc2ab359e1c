import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Outcome } from '../outcome.ts';
import { run } from '../process.ts';
import type { Package } from '../workspace.ts';
import { packageCheck } from './package-check.ts';

async function check(script: string): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-check-'));
  try {
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ scripts: { check: 'node check.cjs' } }));
    await writeFile(path.join(folder, 'check.cjs'), script);
    const one: Package = {
      name: 'x',
      folder,
      kind: 'tooling',
      isPublished: false,
      scripts: {},
      bin: {},
      peers: [],
      entries: [],
    };
    return await packageCheck(run, one, 'check');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('takes the counts of the last line', async () => {
  expect(await check(`console.log('37 passed, 0 failed')`)).toMatchObject({ passed: 37, failed: 0, skipped: 0 });
});

it('counts as one without such a line', async () => {
  expect(await check(`console.log('fine')`)).toMatchObject({ passed: 1, failed: 0 });
  expect(await check(`console.log('broken'); process.exit(1)`)).toMatchObject({
    passed: 0,
    failed: 1,
    output: expect.stringContaining('broken'),
  });
});

it('counts a failure when the script fails although it counted none', async () => {
  expect(await check(`console.log('37 passed, 0 failed'); process.exitCode = 1`)).toMatchObject({
    passed: 37,
    failed: 1,
  });
});

it('keeps the failures that the script counted', async () => {
  expect(await check(`console.log('30 passed, 7 failed'); process.exitCode = 1`)).toMatchObject({
    passed: 30,
    failed: 7,
  });
});
