import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import getPort from 'get-port';
import { expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import { temporaryFolder, toolyard, waitFor } from './testing/gateway.ts';

type Output = 'pipe' | number;

/** Runs `up` with nobody who reads these, until it has served, and resolves with what it ended with after SIGTERM. */
async function upWith(stdout: Output, stderr: Output): Promise<{ code: unknown; said: string }> {
  await using folder = await temporaryFolder();
  const config = await folder.write('toolyard.yaml', `servers:\n${fixtureServer('good', [`${folder.path}/journal`])}`);
  const port = await getPort({ host: '127.0.0.1' });
  const child = spawn(toolyard.command, [...toolyard.args, 'up', config, '--port', String(port)], {
    env: { ...process.env, TOOLYARD_DATA: folder.path },
    stdio: ['ignore', stdout, stderr],
  });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stdout?.destroy();
  const health = async (): Promise<boolean> =>
    child.exitCode !== null || (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  // What it says when it is ready comes after that.
  await waitFor('its health', async () => (await health().catch(() => false)) || undefined);
  if (stdout === 'pipe')
    await waitFor('the warning', () => child.exitCode !== null || said.includes('stdout') || undefined);
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  const [code]: unknown[] = await ended;
  return { code, said };
}

it('a gateway goes on when nobody reads its stdout any more, and says so once', async () => {
  const { code, said } = await upWith('pipe', 'pipe');
  expect(code).toBe(0);
  expect(said.split('stdout cannot be written to; going on without it.')).toHaveLength(2);
});

it.skipIf(process.platform !== 'linux')('a gateway goes on when the disk of its log is full', async () => {
  await using full = await open('/dev/full', 'w');
  expect(await upWith(full.fd, full.fd)).toEqual({ code: 0, said: '' });
});

it.skipIf(process.platform !== 'linux').each(['people', 'programs'])(
  'of a log for %s that cannot be written, a little is kept',
  async (readers) => {
    await using full = await open('/dev/full', 'w');
    const flood = fileURLToPath(new URL('fixtures/log-flood.ts', import.meta.url));
    const child = spawn(toolyard.command, ['--expose-gc', ...toolyard.args.slice(0, -1), flood, readers], {
      stdio: ['ignore', 'pipe', full.fd],
    });
    const ended = once(child, 'close');
    let megabytes = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (megabytes += text));
    expect((await ended)[0]).toBe(0);
    expect(Number(megabytes)).toBeLessThan(20);
  },
);
