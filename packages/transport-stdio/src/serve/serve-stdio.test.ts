import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Service } from '@toolyard/protocol';
import { RawObject } from '@toolyard/protocol';
import { expect, test } from 'vitest';
import { stdioTransport } from '../stdio-transport.ts';
import { client, Lines, toolCall } from '../testing/rig.ts';

const echo = {
  command: process.execPath,
  args: ['--conditions=@toolyard/source', fileURLToPath(new URL('../testing/serve-echo.ts', import.meta.url))],
};
const serverInfo = { name: 'test', version: '1.0.0' };
const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}`;
const request = (id: number, name = 'x'): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}",${meta}}}\n`;

const answering: Service = async () => ({ result: RawObject.of({ resultType: 'complete', content: [] }) });

test('the official SDK v1 talks to this process as a stdio server', async () => {
  const sdk = new Client({ name: 'sdk', version: '1.0.0' });
  await sdk.connect(new StdioClientTransport({ ...echo, stderr: 'ignore' }));
  const reply = await sdk.callTool({ name: 'echo', arguments: { a: 1 } });
  expect(reply.content).toEqual([{ type: 'text', text: '{"a":1}' }]);
  await sdk.close();
});

test('our own client talks to it in the newest revision, and what others write to stdout goes to stderr', async () => {
  const lines = new Lines();
  await using server = await stdioTransport().connect(echo, { upstream: 'echo', clientInfo: client, onLog: lines.add });
  expect(server.peer.revision).toBe('2026-07-28');
  const reply = await server.service(toolCall('echo', { a: 1 }));
  expect(reply.result.member('content')?.value).toEqual([{ type: 'text', text: '{"a":1}' }]);
  await lines.with('a stray line');
  expect(lines.all.filter((line) => line.includes('not a JSON-RPC message'))).toEqual([]);
});

test('requests that came before the end of stdin are answered, then the process ends by itself', async () => {
  const child = spawn(echo.command, echo.args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const [out, err] = [text(child.stdout), text(child.stderr)];
  child.stdin.end(request(1, 'a') + request(2, 'b'));
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(
    (await out)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).id),
  ).toEqual([1, 2]);
  expect(await err).toContain('over: Error: the client closed its end');
});

test('a call that hangs when the client has gone is aborted after a while', async () => {
  const child = spawn(echo.command, echo.args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const err = text(child.stderr);
  child.stdin.end(request(1, 'hang'));
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await err).toContain('hang was aborted');
});

test('a client that stops reading stdout does not bring the process down', async () => {
  const child = spawn(echo.command, echo.args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const err = text(child.stderr);
  child.stdout.destroy();
  child.stdin.write(request(1));
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
  expect(await err).toMatch(/over: Error: .*EPIPE/);
});

test('close() tells the client by ending the output, twice is once, and closed has no reason', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const listener = await stdioTransport().serve(answering, { serverInfo, input, output });
  expect(listener.address).toBe('stdio:');
  input.write(request(1));
  await once(output, 'readable');
  const sent = text(output);
  await Promise.all([listener.close(), listener.close()]);
  expect(await listener.closed).toBeUndefined();
  expect(JSON.parse(await sent)).toMatchObject({ jsonrpc: '2.0', id: 1, result: { resultType: 'complete' } });
  expect(input.destroyed).toBe(true);
});

test('a message over the bound ends the service of that client with a coded error', async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  await using listener = await stdioTransport().serve(answering, { serverInfo, input, output, maxMessageBytes: 100 });
  input.write('x'.repeat(200));
  expect(await listener.closed).toMatchObject({ code: 'MESSAGE_TOO_LARGE', facts: { limitBytes: 100 } });
});
