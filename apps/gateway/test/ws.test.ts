import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { startGateway, temporaryFolder, toolyard, waitFor } from './testing/gateway.ts';
import { callTool, toolNames } from './testing/raw-client.ts';

const fixture = fileURLToPath(new URL('fixtures/ws-server.ts', import.meta.url));
/** What runs a fixture that imports packages from their sources. */
const nodeArgs = [...toolyard.args.slice(0, -1), fixture];

async function startServer(
  port: number,
  token: string,
): Promise<AsyncDisposable & { readonly url: string; readonly pid: string }> {
  const child = spawn(process.execPath, [...nodeArgs, String(port), token], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line: unknown[] = await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  return {
    url: String(line[0]).trim(),
    pid: String(child.pid),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function far(id: string, url: string, token: string): string {
  return `  ${id}: { url: "${url}", auth: { type: bearer, token: ${token} } }\n`;
}

it('a server behind a ws: URL is used with the credentials of the file, and again after it was killed', async () => {
  const first = await startServer(0, 's3cret');
  await using folder = await temporaryFolder();
  const servers = far('far', first.url, 's3cret') + far('shut', first.url, 'wrong-token');
  await using gateway = await startGateway(await folder.write('toolyard.yaml', `servers:\n${servers}`), folder.path);
  const pid = async (): Promise<string | undefined> =>
    (await callTool(gateway.endpoint, 'far__pid')).message.result?.content?.[0]?.text;
  expect(await toolNames(gateway.endpoint)).toEqual(['far__pid']);
  expect(await gateway.health()).toMatchObject({
    servers: [
      { id: 'far', state: 'healthy', wire: 'websocket' },
      { id: 'shut', state: 'unhealthy' },
    ],
  });
  expect(await pid()).toBe(first.pid);

  await first[Symbol.asyncDispose]();
  await using second = await startServer(Number(new URL(first.url).port), 's3cret');
  expect(await waitFor('the server to come back', pid)).toBe(second.pid);
  const { stdout, stderr } = gateway.output;
  expect(stdout + stderr).toContain('status 401');
  expect(stdout + stderr).not.toMatch(/s3cret|wrong-token/);
});

it('a server that is to be started first is started, and ends with the gateway', async () => {
  await using folder = await temporaryFolder();
  const args = JSON.stringify([...nodeArgs, '{port}', 's3cret']);
  const config = await folder.write(
    'toolyard.yaml',
    'servers:\n  own:\n    url: "ws://127.0.0.1:{port}/mcp"\n    auth: { type: bearer, token: s3cret }\n' +
      `    start: { command: "${process.execPath}", args: ${args} }\n`,
  );
  const gateway = await startGateway(config, folder.path);
  const started = await callTool(gateway.endpoint, 'own__pid');
  const pid = Number(started.message.result?.content?.[0]?.text);
  expect(pid).toBeGreaterThan(0);
  await gateway[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
