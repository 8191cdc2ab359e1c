import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';

import { expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import { temporaryFolder, toolyard, waitFor } from './testing/gateway.ts';
import { processesWith } from './testing/processes.ts';

const rounds = 100;
const atOnce = 4;

it('100 starts of the gateway that end in SIGKILL leave no child behind', { timeout: 300_000 }, async () => {
  await using folder = await temporaryFolder();
  const mark = `toolyard-orphan-${randomUUID()}`;
  const started = `  web: { url: "http://127.0.0.1:{port}/mcp", start: { command: mcp-server-everything, args: [streamableHttp, ${mark}], env: { PORT: "{port}" } } }\n`;
  const servers =
    fixtureServer('a', [`${folder.path}/journal`, mark]) + fixtureServer('b', [`${folder.path}/journal`, mark]);
  const plain = await folder.write('plain.yaml', `servers:\n${servers}`);
  const withHttp = await folder.write('http.yaml', `servers:\n${servers}${started}`);
  let sawChildren = 0;
  let round = 0;
  const worker = async (): Promise<void> => {
    while (round < rounds) {
      const turn = round++;
      const config = turn % 10 === 0 ? withHttp : plain;
      // The first ones are killed once they are ready, the others at some moment on the way there and soon after.
      const afterMs = turn % 4 === 0 ? undefined : 500 + ((turn * 37) % 1_200);
      const children = await startAndKill(config, folder.path, afterMs, mark);
      sawChildren += children;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  // Two each, in the quarter of the rounds that were looked at.
  expect(sawChildren).toBeGreaterThanOrEqual(rounds / 2);
  await waitFor(
    'all children to be gone',
    async () => ((await processesWith(mark)).length === 0 ? true : undefined),
    10_000,
  );
});

/** Resolves with the number of children that were seen alive before it was killed, of all gateways that ran then. */
async function startAndKill(config: string, data: string, afterMs: number | undefined, mark: string): Promise<number> {
  const child = spawn(toolyard.command, [...toolyard.args, 'up', config, '--port', '0', '--log-level', 'silent'], {
    env: { ...process.env, TOOLYARD_DATA: data },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (afterMs === undefined && text.includes('ready http')) resolve();
    });
    if (afterMs !== undefined) setTimeout(resolve, afterMs);
    void exited.then(() => resolve());
  });
  const children = afterMs === undefined ? (await processesWith(mark)).length : 0;
  child.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return children;
}
