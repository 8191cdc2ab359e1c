import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import {
  type RunningGateway,
  runProgram,
  runToolyard,
  shippedConfiguration,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  toolyard,
  waitFor,
} from './testing/gateway.ts';
import { processesWith } from './testing/processes.ts';
import { callTool } from './testing/raw-client.ts';

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('a running gateway', () => {
  let gateway: RunningGateway;
  const run = (...args: string[]): ReturnType<typeof runToolyard> =>
    runToolyard(args, { TOOLYARD_URL: gateway.endpoint });

  beforeAll(async () => {
    gateway = await startGateway(shippedConfiguration, folder.path);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it('shows its servers, its endpoint and what to paste into clients, and then that it is ready', () => {
    const { stdout } = gateway.output;
    expect(stdout).toMatch(/^server +state +connected by +era +tools +prompts +resources +ready in\n/);
    expect(stdout).toMatch(/\neverything +healthy +streamable-http +2025-11-25 +\d+ +\d+ +\d+ +\d+ ms\n/);
    expect(stdout).toMatch(/\nfiles +healthy +stdio +2025-11-25 +\d+ +0 +0 +\d+ ms\n/);
    expect(stdout).toContain(`claude mcp add --transport http toolyard ${gateway.endpoint}`);
    expect(stdout.split('\n').at(-2)).toBe(`ready ${gateway.endpoint}`);
  });

  it('listens on loopback only', () => {
    expect(gateway.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
  });

  it('answers only to the names of loopback, also for its health', async () => {
    const request = get(new URL('/health', gateway.endpoint), { headers: { host: 'evil.example' } });
    const [response] = await once(request, 'response');
    response.resume();
    expect(response.statusCode).toBe(403);
    expect((await fetch(new URL('/health', gateway.endpoint), { method: 'POST' })).status).toBe(405);
    expect((await fetch(new URL('/nope', gateway.endpoint))).status).toBe(404);
  });

  it('is described by status', async () => {
    const { code, stdout } = await run('status');
    expect(code).toBe(0);
    expect(stdout).toContain(`ok: ${gateway.endpoint} (Toolyard 0.0.0)`);
    expect(stdout).toMatch(/memory +healthy +stdio/);
    const json: unknown = JSON.parse((await run('status', '--json')).stdout);
    expect(json).toMatchObject({
      status: 'ok',
      endpoint: gateway.endpoint,
      servers: [{ id: 'everything' }, { id: 'files' }, { id: 'memory' }, { id: 'thinking' }],
    });
  });

  it('has its tools listed', async () => {
    const { code, stdout } = await run('tools');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nfiles__read_text_file +Read the complete contents/);
    const json: { tools: unknown[] } = JSON.parse((await run('tools', '--json')).stdout);
    expect(json.tools.length).toBeGreaterThan(30);
  });

  it('has a tool called, with its result on stdout', async () => {
    expect(await run('call', 'everything__echo', '{"message":"hi"}')).toMatchObject({
      code: 0,
      stdout: 'Echo: hi\n',
      stderr: '',
    });
    expect(JSON.parse((await run('call', 'everything__echo', '{"message":"hi"}', '--json')).stdout)).toMatchObject({
      content: [{ type: 'text', text: 'Echo: hi' }],
    });
  });

  it('shows the progress of a call on stderr', async () => {
    const { code, stderr } = await run(
      'call',
      'everything__trigger-long-running-operation',
      '{"duration":0.3,"steps":3}',
    );
    expect(code).toBe(0);
    expect(stderr.split('\n').filter((line) => /^\d\/3/.test(line))).toHaveLength(3);
  });

  it('passes on that a tool failed, and that there is none of that name', async () => {
    expect(await run('call', 'files__read_text_file', '{"path":"absent.txt"}')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('ENOENT'),
    });
    expect(await run('call', 'files__read_text_fil', '{}')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('files__read_text_file'),
    });
  });
});

describe('what is wrong is said in a sentence', () => {
  it('when the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, stderr, stdout } = await runToolyard(['up', shippedConfiguration, '--port', String(port)], {
      TOOLYARD_DATA: folder.path,
    });
    server.close();
    expect({ code, stderr, stdout }).toEqual({
      code: 1,
      stdout: '',
      stderr: `Port ${port} of 127.0.0.1 is in use, maybe by another gateway; end that, or choose another with --port (0 takes any that is free).\n`,
    });
  });

  it('when there is no configuration', async () => {
    const { code, stderr } = await runToolyard(['up', '/nowhere/toolyard.yaml']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'There is no configuration at /nowhere/toolyard.yaml; give its path: toolyard up path/to/toolyard.yaml.\n',
    });
  });

  it('when the configuration is wrong, with every place', async () => {
    const config = await folder.write('wrong.yaml', 'servers:\n  a: { comand: x }\nextra: 1\n');
    const { code, stderr } = await runToolyard(['up', config]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `3 problems in ${config}\n` +
        `  ${config}:2:3  servers.a: it does not say where the server is: "url", "urls" for several, or "command" with "args"\n` +
        `  ${config}:2:8  servers.a.comand: unknown key "comand"; did you mean "command"?\n` +
        `  ${config}:3:1  extra: unknown key "extra"; known here: servers, orchestration, profiles, secret, cache\n`,
    );
  });

  it('when no transport reaches a server', async () => {
    const config = await folder.write(
      'ws.yaml',
      'servers:\n  a: { url: "gopher://h/mcp" }\n  b: { command: x, transport: pigeon }\n  c: { command: x, transport: http }\n',
    );
    const { code, stderr } = await runToolyard(['up', config], { TOOLYARD_DATA: folder.path });
    expect(code).toBe(2);
    expect(stderr).toBe(
      `3 problems in ${config}\n` +
        `  ${config}:2:13  servers.a.url: no transport can reach URLs with "gopher:"; there are http, stdio, ws, grpc\n` +
        `  ${config}:3:31  servers.b.transport: there is no transport with this name; there are http, stdio, ws, grpc\n` +
        `  ${config}:4:31  servers.c.transport: the transport "http" cannot reach a command\n`,
    );
  });

  it('when a server must be up and is not', async () => {
    const config = await folder.write(
      'fast.yaml',
      'servers:\n  a: { command: no-such-program }\norchestration: { failFast: true }\n',
    );
    const { code, stderr } = await runToolyard(['up', config, '--port', '0', '--log-level', 'silent'], {
      TOOLYARD_DATA: folder.path,
    });
    expect(code).toBe(1);
    expect(stderr).toBe('1 of 1 servers did not start. a: It cannot be reached.\n');
  });

  it('when no gateway is there', async () => {
    const { code, stderr } = await runToolyard(['status', '--url', 'http://127.0.0.1:9']);
    expect({ code, stderr }).toEqual({
      code: 69,
      stderr:
        'No gateway answers at http://127.0.0.1:9; start one with "toolyard up", or name another with --url or TOOLYARD_URL.\n',
    });
  });

  it.each([['nonsense'], ['call'], ['up', '--port', '70000'], ['call', 'x', '[1]'], ['status', '--url', 'nope']])(
    'when the command line is wrong: %s',
    async (...args) => {
      const { code, stdout, stderr } = await runToolyard(args);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).not.toBe('');
    },
  );

  it.runIf(process.platform === 'linux')('when the output cannot be written', async () => {
    const { code, stderr } = await runProgram('/bin/sh', [
      '-c',
      'exec "$@" >/dev/full',
      'sh',
      toolyard.command,
      ...toolyard.args,
      '--help',
    ]);
    expect(stderr).toBe('The output could not be written: ENOSPC: no space left on device, write.\n');
    expect(code).toBe(1);
  });

  it('when help is wanted, with the exit codes', async () => {
    const { code, stdout } = await runToolyard(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Exit codes:\n  0 ');
  });
});

describe('the end of a gateway', () => {
  /** One fixture server whose process can be told by `mark`. */
  async function oneServer(): Promise<{ config: string; mark: string; journal: string }> {
    const mark = `toolyard-end-${randomUUID()}`;
    const journal = `${folder.path}/journal-${randomUUID()}`;
    return {
      config: await folder.write(`${randomUUID()}.yaml`, `servers:\n${fixtureServer('slow', [journal, mark])}`),
      mark,
      journal,
    };
  }

  /** Calls the tool that never answers, and resolves when the server has the call. */
  async function callAndWait(gateway: RunningGateway, journal: string): Promise<Promise<unknown>[]> {
    const call = callTool(gateway.endpoint, 'slow__wait').catch((error: unknown) => error);
    await waitFor('the call to arrive', () => readFile(journal, 'utf8').catch(() => undefined));
    return [call];
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s is in order: exit code 0 and no process left', async (signal) => {
    const { config, mark } = await oneServer();
    await using gateway = await startGateway(config, folder.path);
    expect(await processesWith(mark)).toHaveLength(1);
    gateway.process.kill(signal);
    expect(await gateway.exited).toBe(0);
    expect(await processesWith(mark)).toEqual([]);
  });

  it('lets calls in flight finish for a while, and comes at once with the second signal', async () => {
    const { config, mark, journal } = await oneServer();
    await using gateway = await startGateway(config, folder.path, ['--drain', '60000']);
    const [call] = await callAndWait(gateway, journal);
    const from = performance.now();
    gateway.process.kill('SIGTERM');
    await waitFor('the drain to begin', () =>
      gateway.output.stderr.includes('SIGTERM: ending within 60000 ms') ? true : undefined,
    );
    expect(gateway.process.exitCode).toBeNull();
    gateway.process.kill('SIGINT');
    expect(await gateway.exited).toBe(130);
    expect(performance.now() - from).toBeLessThan(10_000);
    await call;
    await waitFor('no process to be left', async () => ((await processesWith(mark)).length === 0 ? true : undefined));
  });

  it('takes no longer than the drain', async () => {
    const { config, journal } = await oneServer();
    await using gateway = await startGateway(config, folder.path, ['--drain', '300']);
    const [call] = await callAndWait(gateway, journal);
    const from = performance.now();
    gateway.process.kill('SIGTERM');
    expect(await gateway.exited).toBe(0);
    expect(performance.now() - from).toBeLessThan(8_000);
    await call;
  });

  it('comes when the client that started it over stdio closes its end', async () => {
    const { config, mark } = await oneServer();
    const child = spawn(toolyard.command, [...toolyard.args, 'up', config, '--stdio'], {
      env: { ...process.env, TOOLYARD_DATA: folder.path },
    });
    child.stdin.write(
      '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n',
    );
    const [first] = await once(child.stdout.setEncoding('utf8'), 'data');
    expect(JSON.parse(String(first))).toMatchObject({
      id: 1,
      result: { protocolVersion: '2025-11-25', serverInfo: { name: 'toolyard' } },
    });
    expect(await processesWith(mark)).toHaveLength(1);
    child.stdin.end();
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await waitFor('no process to be left', async () => ((await processesWith(mark)).length === 0 ? true : undefined));
  });

  it('by Ctrl-C during a call cancels the call upstream', async () => {
    const { config, journal } = await oneServer();
    await using gateway = await startGateway(config, folder.path);
    const child = spawn(toolyard.command, [...toolyard.args, 'call', 'slow__wait', '--url', gateway.endpoint], {
      stdio: 'ignore',
    });
    await waitFor('the call to arrive', () => readFile(journal, 'utf8').catch(() => undefined));
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    await waitFor('the cancellation', async () =>
      (await readFile(journal, 'utf8')).includes('cancelled') ? true : undefined,
    );
  });
});
