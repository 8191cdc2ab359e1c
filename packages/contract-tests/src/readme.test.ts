import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { transportCases } from './transport/transport-contract.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the sample of the README is a test file that passes', { timeout: 60_000 }, async () => {
  const [, sample = ''] = /```ts\n([\s\S]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8')) ?? [];
  // Inside the package, so that its name and its dependencies resolve.
  const folder = await mkdtemp(join(root, 'src', '.readme-'));
  try {
    await writeFile(join(folder, 'room.test.ts'), sample);
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const outputFile = join(folder, 'report.json');
    const args = [vitest, 'run', folder, '--reporter=json', `--outputFile=${outputFile}`, '-t', '(byte|server|client)'];
    await promisify(execFile)(process.execPath, args, { cwd: root });
    const report = JSON.parse(await readFile(outputFile, 'utf8'));
    expect(report).toMatchObject({ success: true, numFailedTests: 0 });
    expect(report.numPassedTests).toBeGreaterThan(20);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the number of cases in the README is right', async () => {
  expect(Object.keys(transportCases)).toHaveLength(61);
});
