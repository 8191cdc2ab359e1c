import { readFile } from 'node:fs/promises';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { describe, expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import { runToolyard, startGateway, temporaryFolder, toolyard, waitFor } from './testing/gateway.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { ask, callTool, toolNames } from './testing/raw-client.ts';

async function journalOf(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

describe('a child that is killed in the middle of a call', () => {
  it('answers its caller with a coded error within a second, and its tools return', async () => {
    await using folder = await temporaryFolder();
    const journal = `${folder.path}/journal`;
    const config = await folder.write('toolyard.yaml', `servers:\n${fixtureServer('frail', [journal])}`);
    await using gateway = await startGateway(config, folder.path);
    const pid = Number((await callTool(gateway.endpoint, 'frail__pid')).message.result?.content?.[0]?.text);
    const waiting = callTool(gateway.endpoint, 'frail__wait');
    await waitFor('the call to arrive', async () =>
      (await journalOf(journal)).includes('waiting') ? true : undefined,
    );

    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    const { message } = await waiting;
    expect(performance.now() - killedAt).toBeLessThan(1_000);
    expect(message.error).toMatchObject({ data: { code: 'UPSTREAM_CLOSED', upstream: 'frail' } });

    const healed = await waitFor('the server to come back', async () => {
      const { message: answer } = await callTool(gateway.endpoint, 'frail__pid');
      return answer.result?.content?.[0]?.text;
    });
    expect(Number(healed)).not.toBe(pid);
    expect(await toolNames(gateway.endpoint)).toEqual(['frail__wait', 'frail__pid']);
    expect(await gateway.health()).toMatchObject({ code: 200, status: 'ok' });
  });
});

describe('a server that never answers', () => {
  it('delays the list by no more than its own deadline', async () => {
    await using folder = await temporaryFolder();
    const journal = `${folder.path}/journal`;
    const servers =
      fixtureServer('mute', [journal, 'mute'], 'connectTimeoutMs: 3000') + fixtureServer('good', [journal]);
    await using gateway = await startGateway(await folder.write('toolyard.yaml', `servers:\n${servers}`), folder.path, [
      '--log-level',
      'debug',
    ]);
    expect(await gateway.health()).toMatchObject({
      code: 200,
      status: 'degraded',
      servers: [
        { id: 'mute', state: 'unhealthy' },
        { id: 'good', state: 'healthy' },
      ],
    });
    const ready = /good {2,}healthy .* (?<ms>\d+) ms/.exec(gateway.output.stdout)?.groups?.['ms'];
    expect(Number(ready)).toBeLessThan(3_000);
    const from = performance.now();
    expect(await toolNames(gateway.endpoint)).toEqual(['good__wait', 'good__pid']);
    expect(performance.now() - from).toBeLessThan(1_000);
  });

  it('delays a client that asks while the gateway starts by no more than that, too', async () => {
    await using folder = await temporaryFolder();
    const journal = `${folder.path}/journal`;
    const deadlineMs = 3_000;
    const servers =
      fixtureServer('mute', [journal, 'mute'], `connectTimeoutMs: ${deadlineMs}`) + fixtureServer('good', [journal]);
    const config = await folder.write('toolyard.yaml', `servers:\n${servers}`);
    const client = new Client({ name: 'e2e', version: '1' });
    const env = { PATH: process.env['PATH'] ?? '', TOOLYARD_DATA: folder.path };
    // What it takes to start the gateway itself is not the server's fault.
    const launch = performance.now();
    await runToolyard(['--version'], env);
    const launchMs = performance.now() - launch;
    const from = performance.now();
    await client.connect(
      new StdioClientTransport({
        command: toolyard.command,
        args: [...toolyard.args, 'up', config, '--stdio'],
        env,
        stderr: 'ignore',
      }),
    );
    const { tools } = await client.listTools();
    const elapsedMs = performance.now() - from;
    await client.close();
    expect(tools.map(({ name }) => name)).toEqual(['good__wait', 'good__pid']);
    expect(elapsedMs).toBeLessThan(deadlineMs + 2 * launchMs + 500);
  });

  it('and fell silent after it was up delays nothing', async () => {
    await using folder = await temporaryFolder();
    const journal = `${folder.path}/journal`;
    const servers = fixtureServer('stuck', [journal], 'timeoutMs: 2000') + fixtureServer('good', [journal]);
    await using gateway = await startGateway(await folder.write('toolyard.yaml', `servers:\n${servers}`), folder.path);
    const pid = Number((await callTool(gateway.endpoint, 'stuck__pid')).message.result?.content?.[0]?.text);
    process.kill(pid, 'SIGSTOP');
    try {
      const from = performance.now();
      expect(await toolNames(gateway.endpoint)).toContain('good__pid');
      expect(performance.now() - from).toBeLessThan(2_000);
      const { message } = await callTool(gateway.endpoint, 'stuck__pid');
      expect(message.error).toMatchObject({ data: { code: 'UPSTREAM_TIMEOUT' } });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});

describe('a server that cannot be started', () => {
  it('costs nothing but its tools, and is shown with the reason', async () => {
    await using folder = await temporaryFolder();
    const servers = `  absent: { command: no-such-program }\n${fixtureServer('good', [`${folder.path}/journal`])}`;
    await using gateway = await startGateway(await folder.write('toolyard.yaml', `servers:\n${servers}`), folder.path);
    expect(gateway.output.stdout).toMatch(/absent +unhealthy/);
    expect(gateway.output.stdout).toContain('the command no-such-program was not found on the PATH');
    expect(await toolNames(gateway.endpoint)).toEqual(['good__wait', 'good__pid']);
    const { servers: health } = await gateway.health();
    expect(health[0]).toMatchObject({ id: 'absent', state: 'unhealthy', problem: 'It cannot be reached.' });
  });
});

describe('a cancelled call', () => {
  it('is seen by an upstream over stdio', async () => {
    await using folder = await temporaryFolder();
    const journal = `${folder.path}/journal`;
    await using gateway = await startGateway(
      await folder.write('toolyard.yaml', `servers:\n${fixtureServer('frail', [journal])}`),
      folder.path,
    );
    const controller = new AbortController();
    const waiting = callTool(gateway.endpoint, 'frail__wait', controller.signal);
    await waitFor('the call to arrive', async () =>
      (await journalOf(journal)).includes('waiting') ? true : undefined,
    );
    controller.abort();
    await expect(waiting).rejects.toThrow('abort');
    await waitFor('the cancellation', async () =>
      (await journalOf(journal)).includes('cancelled') ? true : undefined,
    );
  });

  it('is seen by an upstream over HTTP', async () => {
    await using upstream = await startHttpUpstream();
    await using folder = await temporaryFolder();
    await using gateway = await startGateway(
      await folder.write('toolyard.yaml', `servers:\n  far: { url: "${upstream.url}" }\n`),
      folder.path,
    );
    const controller = new AbortController();
    const waiting = callTool(gateway.endpoint, 'far__wait', controller.signal);
    await waitFor('the call to arrive', () => (upstream.waiting === 1 ? true : undefined));
    expect(upstream.cancelled).toBe(0);
    controller.abort();
    await expect(waiting).rejects.toThrow('abort');
    await waitFor('the cancellation', () => (upstream.cancelled === 1 ? true : undefined));
    expect((await ask(gateway.endpoint, 'tools/list')).status).toBe(200);
  });
});
