import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../testing/run-out-of-files.ts', import.meta.url));

test.runIf(process.platform !== 'win32')(
  'servers for which no open files are left are UPSTREAM_UNREACHABLE and can be started later; the others, and this process, go on',
  { timeout: 60_000 },
  async () => {
    const run = `ulimit -n 60 && exec "$0" --conditions=@toolyard/source "$1" 20`;
    const { stdout } = await promisify(execFile)('sh', ['-c', run, process.execPath, script]);
    const { first, second } = JSON.parse(stdout);
    expect(first.up.length).toBeGreaterThan(2);
    expect(first.down.length).toBeGreaterThan(2);
    for (const down of first.down) {
      expect(down).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
      expect(down.message).toMatch(/could not be started: .*as many open files as it may \(EMFILE\).*"ulimit -n"/);
    }
    expect(second).toEqual({ up: expect.arrayContaining([first.down[0].upstream]), down: [] });
  },
);
