import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ToolyardError } from '@toolyard/protocol';
import { expect, test, vi } from 'vitest';
import { stdioTransport } from './stdio-transport.ts';
import { client, fixture, isAlive, Lines, pidOf, toolCall, until } from './testing/rig.ts';

const options = { upstream: 'fixture', clientInfo: client };
const brisk = { stdinGraceMs: 100, termGraceMs: 100 };

function textOf(result: { readonly value: unknown }): string {
  const { content } = result.value as { content: { text: string }[] };
  return content[0]?.text ?? '';
}

test('a server written with the official SDK v1 is started and called', async () => {
  await using server = await stdioTransport().connect(fixture('legacy-server'), options);
  expect(server.peer).toEqual({ revision: '2025-11-25', wire: 'stdio', pid: expect.any(Number) });
  const reply = await server.service(toolCall('echo', { text: 'hello' }));
  expect(textOf(reply.result)).toBe('hello');
});

test('a server written with the official SDK v2 is started and called in its own revision', async () => {
  await using server = await stdioTransport().connect(fixture('modern-server'), options);
  expect(server.peer).toEqual({ revision: '2026-07-28', wire: 'stdio', pid: expect.any(Number) });
  const reply = await server.service(toolCall('echo', { text: 'hello' }));
  expect(textOf(reply.result)).toBe('hello');
});

test('peer.pid is the process of the server itself, not of what started it', async () => {
  await using server = await stdioTransport().connect(fixture('scripted-server'), options);
  const reply = await server.service(toolCall('pid'));
  expect(textOf(reply.result)).toBe(String(server.peer.pid));
});

test('a server that dies of the probe is reached in a second process', async () => {
  const lines = new Lines();
  await using server = await stdioTransport().connect(fixture('scripted-server', 'probe-shy'), {
    ...options,
    onLog: lines.add,
  });
  expect(lines.all.filter((line) => line.startsWith('started'))).toHaveLength(2);
  expect(server.peer.revision).toBe('2025-06-18');
});

test('a server that never answers is given up in time, and nothing is left of it', async () => {
  const lines = new Lines();
  const transport = stdioTransport(brisk);
  const connecting = transport.connect(fixture('scripted-server', 'mute'), {
    ...options,
    connectTimeoutMs: 1_000,
    onLog: lines.add,
  });
  await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  for (const line of lines.all) expect(isAlive(Number(line.split(' ')[1]))).toBe(false);
});

test('an attempt that is cancelled rejects with CANCELLED and leaves no process', async () => {
  const lines = new Lines();
  const cancel = new AbortController();
  const connecting = stdioTransport(brisk).connect(fixture('scripted-server', 'mute'), {
    ...options,
    signal: cancel.signal,
    onLog: lines.add,
  });
  const started = await lines.with('started');
  cancel.abort();
  await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(isAlive(Number(started.split(' ')[1]))).toBe(false);
});

test.each([
  [{ command: 'no-such-command-anywhere' }, 'the command no-such-command-anywhere was not found on the PATH'],
  [{ command: '/no/such/file' }, '/no/such/file does not exist'],
  [{ command: import.meta.filename }, 'connect-process.test.ts is not executable'],
  [{ command: 'true', cwd: '/no/such/folder' }, 'the working directory /no/such/folder does not exist'],
  [{ command: '' }, 'no command is given'],
])('%j is UPSTREAM_UNREACHABLE with the reason', async (target, reason) => {
  await expect(stdioTransport().connect(target, options)).rejects.toMatchObject({
    code: 'UPSTREAM_UNREACHABLE',
    message: expect.stringContaining(reason),
  });
});

test('a server that exits at once is UPSTREAM_UNREACHABLE with its exit code and last words', async () => {
  const error = await stdioTransport()
    .connect(fixture('scripted-server', 'exit'), options)
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', facts: { exit: 'exited with code 3' } });
  expect(String(error)).toContain(`${process.execPath} exited with code 3; its last words: cannot find my config`);
});

test('a child sees the allowlist and what its definition names, and nothing else', async () => {
  const environment = {
    PATH: process.env['PATH'],
    HOME: '/home/me',
    LC_ALL: 'C',
    SECRET_TOKEN: 's3cret',
    NODE_OPTIONS: '--no-such-flag',
  };
  const transport = stdioTransport({ environment });
  await using server = await transport.connect({ ...fixture('legacy-server'), env: { API_KEY: 'mine' } }, options);
  const reply = await server.service(toolCall('environment'));
  const { PWD: _, OLDPWD: __, SHLVL: ___, _: ____, ...seen } = JSON.parse(textOf(reply.result));
  expect(seen).toEqual({ PATH: process.env['PATH'], HOME: '/home/me', LC_ALL: 'C', API_KEY: 'mine' });
});

test('a variable whose name no shell would take reaches the child all the same', async () => {
  const env = { 'npm_config_//registry.example/:_authToken': 'x' };
  await using server = await stdioTransport().connect({ ...fixture('legacy-server'), env }, options);
  const reply = await server.service(toolCall('environment'));
  expect(JSON.parse(textOf(reply.result))).toMatchObject(env);
});

test('arguments with spaces, quotes and dollars reach the child as they are', async () => {
  const lines = new Lines();
  const script = 'console.error(JSON.stringify(process.argv.slice(1))); process.exit(1)';
  const args = ['-e', script, '--', 'a b', '$HOME', '"`id`"', '', '*'];
  await stdioTransport()
    .connect({ command: process.execPath, args }, { ...options, onLog: lines.add })
    .catch(() => undefined);
  expect(lines.all[0]).toBe('["a b","$HOME","\\"`id`\\"","","*"]');
});

test('a flood on stderr reaches the log within bounds and delays nothing', async () => {
  const lines = new Lines();
  await using server = await stdioTransport().connect(fixture('scripted-server', 'flood'), {
    ...options,
    onLog: lines.add,
  });
  expect(server.peer.revision).toBe('2025-06-18');
  expect(lines.all.length).toBeLessThan(5_000);
  expect(Math.max(...lines.all.map((line) => line.length))).toBeLessThanOrEqual(8_192);
  await server.close();
  expect(lines.all.some((line) => line.endsWith('more lines dropped)'))).toBe(true);
});

test('a flood on stderr without end is read slowly, which is said once, and the server is called all the same', async () => {
  const warnings: string[] = [];
  const warned = Promise.withResolvers<void>();
  await using server = await stdioTransport(brisk).connect(fixture('scripted-server', 'torrent'), {
    ...options,
    onLog: (line, level) => {
      if (level !== 'warn') return;
      warnings.push(line);
      warned.resolve();
    },
  });
  await warned.promise;
  for (let calls = 0; calls < 3; calls++) await server.service(toolCall('pid'));
  expect(warnings).toEqual([expect.stringMatching(/^stderr is read at 1 MiB a second from here on/)]);
});

test('garbage on stdout between messages does not keep a server from being used', async () => {
  await using server = await stdioTransport().connect(fixture('scripted-server', 'garbage'), options);
  expect(textOf((await server.service(toolCall('pid'))).result)).toMatch(/^\d+$/);
});

test('a megabyte travels in both directions', async () => {
  await using server = await stdioTransport().connect(fixture('legacy-server'), options);
  const text = 'é'.repeat(512 * 1024);
  expect(textOf((await server.service(toolCall('echo', { text }))).result)).toBe(text);
});

test('a call whose params have line breaks between the tokens arrives as one message', async () => {
  const { RawObject } = await import('@toolyard/protocol');
  await using server = await stdioTransport().connect(fixture('legacy-server'), options);
  const params = RawObject.read(Buffer.from('{\n  "name": "echo",\r\n  "arguments": {\n    "text": "a\\nb"\n  }\n}'));
  const reply = await server.service({ ...toolCall('echo'), params });
  expect(textOf(reply.result)).toBe('a\nb');
});

test.each(['legacy-server', 'modern-server'] as const)(
  'a %s that is killed in the middle of a call fails it at once with UPSTREAM_CLOSED',
  async (name) => {
    await using server = await stdioTransport().connect(fixture(name), options);
    const beganMs = performance.now();
    await expect(server.service(toolCall('die'))).rejects.toMatchObject({
      code: 'UPSTREAM_CLOSED',
      facts: { upstream: 'fixture' },
    });
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    expect(String(await server.closed)).toContain('was ended by SIGKILL');
    await expect(server.service(toolCall('echo', { text: '' }))).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  },
);

test.each(['legacy-server', 'modern-server'] as const)('cancelling a call is seen by a %s', async (name) => {
  const lines = new Lines();
  await using server = await stdioTransport().connect(fixture(name), { ...options, onLog: lines.add });
  const cancel = new AbortController();
  const calling = server.service(toolCall('hang', {}, { signal: cancel.signal }));
  await lines.with('hanging');
  cancel.abort();
  await expect(calling).rejects.toMatchObject({ code: 'CANCELLED' });
  await lines.with('hang was cancelled');
});

test('a server that closes its stdout but lives on fails its calls and is ended', async () => {
  await using server = await stdioTransport(brisk).connect(fixture('scripted-server'), options);
  const pid = pidOf(server.peer);
  await expect(server.service(toolCall('deafen'))).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  expect(String(await server.closed)).toContain('closed its end of the pipe');
  await server.close();
  expect(isAlive(pid)).toBe(false);
});

test('a message over the bound ends the connection with a coded error', async () => {
  await using server = await stdioTransport(brisk).connect(fixture('scripted-server'), {
    ...options,
    maxMessageBytes: 10_000,
  });
  await expect(server.service(toolCall('huge', { bytes: 20_000 }))).rejects.toMatchObject({
    code: 'UPSTREAM_CLOSED',
    message: 'The connection to fixture was ended: it sent a message of more than 10000 bytes.',
  });
  expect(ToolyardError.is(await server.closed, 'MESSAGE_TOO_LARGE')).toBe(true);
});

test('a server that writes without end in place of an answer is MESSAGE_TOO_LARGE', async () => {
  const connecting = stdioTransport(brisk).connect(fixture('scripted-server', 'endless'), options);
  await expect(connecting).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    facts: { limitBytes: 16_777_216 },
    message: 'fixture sent a message of more than 16777216 bytes.',
  });
});

test('a server that ignores the end of stdin and SIGTERM is killed with its descendants', async () => {
  const lines = new Lines();
  const transport = stdioTransport(brisk);
  const server = await transport.connect(fixture('scripted-server', 'stubborn grandchild'), {
    ...options,
    onLog: lines.add,
  });
  const descendant = Number((await lines.with('grandchild')).split(' ')[1]);
  await server.close();
  expect(lines.all).toContain('end of stdin ignored');
  expect(lines.all).toContain('SIGTERM ignored');
  expect(isAlive(pidOf(server.peer))).toBe(false);
  await vi.waitFor(() => expect(isAlive(descendant)).toBe(false));
});

test('closing twice, with a call in flight, is one close', async () => {
  const lines = new Lines();
  const server = await stdioTransport().connect(fixture('legacy-server'), { ...options, onLog: lines.add });
  const calling = server.service(toolCall('hang')).catch((error: unknown) => error);
  await lines.with('hanging');
  await Promise.all([server.close(), server.close()]);
  expect(await calling).toMatchObject({ code: 'CLOSED' });
  expect(await server.closed).toBeUndefined();
  await expect(server.service(toolCall('echo', { text: '' }))).rejects.toMatchObject({ code: 'CLOSED' });
  await server.close();
});

test('nothing that belongs to a connection is left when it is closed', async () => {
  const held = (): string[] =>
    process
      .getActiveResourcesInfo()
      .filter((kind) => kind !== 'Timeout')
      .toSorted();
  await until(() => !held().includes('ProcessWrap'));
  const before = held();
  const server = await stdioTransport().connect(fixture('legacy-server'), options);
  expect(held().filter((kind) => kind === 'ProcessWrap')).toHaveLength(2);
  await server.close();
  await until(() => !held().includes('ProcessWrap'));
  expect(held()).toEqual(before);
});

test('a process that has closed its connections ends by itself at once', async () => {
  const script = fileURLToPath(new URL('testing/connect-and-close.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@toolyard/source', script], {
    timeout: 10_000,
  });
  expect(Number(stdout)).toBeLessThan(200);
});
