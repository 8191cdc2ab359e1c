import { describe, expect, it } from 'vitest';
import { createPipePair } from '../../../memory/pipe-pair.ts';
import { testCall } from '../../../testing/call.ts';
import { initializeResult } from '../../../testing/pipes.ts';
import { wireEnd, type WireEnd } from '../../../testing/wire-end.ts';
import type { Connection } from '../../../transport.ts';
import { connectLegacy } from './client.ts';

interface Rig extends AsyncDisposable {
  readonly connection: Connection;
  readonly end: WireEnd;
  readonly lines: readonly string[];
}

async function session(revision = '2025-03-26', maxMessageBytes = 100_000): Promise<Rig> {
  const [near, far] = createPipePair();
  const end = wireEnd(far);
  const lines: string[] = [];
  const connecting = connectLegacy(near, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
    maxMessageBytes,
    onLog: (line) => lines.push(line),
  });
  await end.answer(initializeResult('{"tools":{}}', revision));
  await end.next();
  const connection = await connecting;
  return { connection, end, lines, [Symbol.asyncDispose]: () => connection.close() };
}

const result = (id: number, name: string): string => `{"jsonrpc":"2.0","id":${id},"result":{"name":"${name}"}}`;
const ping = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;

describe('an array of messages from a server of 2025-03-26', () => {
  it('is what its messages are: answers, notifications and requests, each of which is answered by itself', async () => {
    await using rig = await session();
    const call = testCall('tools/call', { params: { name: 'a' }, progressToken: 't' });
    const replies = [rig.connection.service(call), rig.connection.service(testCall('tools/call'))];
    await rig.end.next();
    await rig.end.next();
    const progress =
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":1,"x":1.0}}';
    rig.end.send(` [${progress}, ${ping(7)},\n${result(3, 'b')} ,${result(2, 'a')},${ping(8)}]`);
    expect((await Promise.all(replies)).map((reply) => reply.result.string('name'))).toEqual(['a', 'b']);
    expect(call.notified).toEqual([
      { method: 'notifications/progress', params: { progressToken: 't', progress: 1, x: 1 } },
    ]);
    expect([await rig.end.next(), await rig.end.next()]).toEqual([
      '{"jsonrpc":"2.0","id":7,"result":{}}',
      '{"jsonrpc":"2.0","id":8,"result":{}}',
    ]);
    expect(rig.lines).toEqual([]);
  });

  it('may ask in the middle of a call', async () => {
    await using rig = await session();
    const capabilities = { roots: {} };
    const reply = rig.connection.service(testCall('tools/call', { params: { name: 'a' }, capabilities }));
    await rig.end.next();
    rig.end.send('[{"jsonrpc":"2.0","id":"r","method":"roots/list"}]');
    expect((await reply).result.object('inputRequests')?.value).toEqual({ q1: { method: 'roots/list' } });
  });

  it('does not lose its good messages to the bad ones beside them, of which each counts', async () => {
    await using rig = await session();
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/list')));
    rig.end.send(`[5,${result(2, 'a')},[${ping(7)}],{"jsonrpc":"2.0","id":3,"result":9}]`);
    expect((await replies[0])?.result.string('name')).toBe('a');
    await expect(replies[1]).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    expect(rig.lines).toHaveLength(2);
    rig.end.send(`[${Array.from({ length: 200 }, () => '"x"').join()}]`);
    expect(await rig.connection.closed).toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    expect(rig.lines).toHaveLength(100);
  });

  it.each([
    ['is empty', '[]'],
    ['is no JSON', `[${ping(1)},`],
    ['has more messages than it may', `[${Array.from({ length: 1_001 }, (_, id) => ping(id)).join()}]`],
    ['has more bytes than a message may', `[${ping(1)}${' '.repeat(100_000)}]`],
  ])('is no message where it %s', async (_, batch) => {
    await using rig = await session();
    rig.end.send(batch);
    rig.end.send(ping(5_000));
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":5000,"result":{}}');
    expect(rig.lines).toEqual([expect.stringMatching(/^not a JSON-RPC message: /)]);
  });
});

it.each(['2024-11-05', '2025-06-18', '2025-11-25'])('an array from a server of %s is no message', async (revision) => {
  await using rig = await session(revision);
  rig.end.send(`[${ping(1)}]`);
  rig.end.send(ping(2));
  expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
  expect(rig.lines).toHaveLength(1);
});
