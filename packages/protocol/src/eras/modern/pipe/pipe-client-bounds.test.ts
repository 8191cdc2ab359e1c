import { describe, expect, it, vi } from 'vitest';
import type { Pipe } from '../../../pipe.ts';
import { testCall } from '../../../testing/call.ts';
import { discoverResult } from '../../../testing/pipes.ts';
import { connectPipe } from '../../pipe/connect-pipe.ts';
import { modern } from './testing/modern-server.ts';

describe('a connection', () => {
  it('takes no more calls at once than it may', async () => {
    await using rig = await modern({ maxInFlight: 2 });
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    await expect(rig.connection.service(testCall('tools/call'))).rejects.toMatchObject({
      code: 'UPSTREAM_BUSY',
      facts: { upstream: 'files', limit: 2 },
    });
    await rig.end.answer('"result":{}');
    await rig.end.answer('"result":{}');
    await Promise.all(replies);
    const next = rig.connection.service(testCall('tools/call'));
    await rig.end.answer('"result":{}');
    await next;
  });

  it('takes no more calls for a server that does not read, and gives one up that wants answers all the same', async () => {
    const sends: Uint8Array[] = [];
    let receive: ((message: string) => void) | undefined;
    let closes = 0;
    const hung: Pipe = {
      send(message) {
        sends.push(message);
        return sends.length === 1 ? Promise.resolve() : new Promise(() => {});
      },
      start(receiver) {
        receive = (message) => void receiver.message(new TextEncoder().encode(message));
      },
      close: async () => void closes++,
    };
    const connecting = connectPipe(() => Promise.resolve(hung), {
      upstream: 'files',
      clientInfo: { name: 't', version: '1' },
      wire: 'memory',
    });
    await vi.waitFor(() => expect(sends).toHaveLength(1));
    receive?.(`{"jsonrpc":"2.0","id":1,${discoverResult}}`);
    await using connection = await connecting;
    const big = 'x'.repeat(33 * 1024 * 1024);
    const replies = [1, 2].map(() =>
      connection.service(testCall('tools/call', { params: { big } })).catch((error: unknown) => error),
    );
    await expect(connection.service(testCall('tools/list'))).rejects.toMatchObject({ code: 'UPSTREAM_BUSY' });
    expect(sends).toHaveLength(3);
    const ask = `{"jsonrpc":"2.0","id":"${'x'.repeat(1_000)}","method":"ping"}`;
    for (let n = 0; n < 65_000; n++) receive?.(ask);
    expect(closes).toBeGreaterThan(0);
    expect(await connection.closed).toMatchObject({
      code: 'UPSTREAM_MALFORMED',
      facts: { reason: 'it does not read what it is sent' },
    });
    expect(await Promise.all(replies)).toEqual([
      expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }),
      expect.objectContaining({ code: 'UPSTREAM_MALFORMED' }),
    ]);
  });

  it('survives lines that are no messages, logs them, and is closed by the hundredth', async () => {
    const lines: string[] = [];
    await using rig = await modern({ onLog: (line) => lines.push(line) });
    rig.end.send('Server listening on stdio');
    const reply = rig.connection.service(testCall('tools/list'));
    await rig.end.answer('"result":{}');
    await reply;
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^not a JSON-RPC message: /);
    for (let n = 1; n < 100; n++) rig.end.send('more of that');
    expect(await rig.connection.closed).toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    await vi.waitFor(() => expect(rig.end.closed).toBe(true));
    expect(lines).toHaveLength(100);
  });

  it.each([
    ['is no result', '{"jsonrpc":"2.0","id":2,"result":5}'],
    ['has two outcomes', '{"jsonrpc":"2.0","id":2,"result":{},"error":{"code":1,"message":""}}'],
    ['has no version', '{"id":2,"result":{}}'],
    ['has an error without a code', '{"jsonrpc":"2.0","id":2,"error":{"message":"x"}}'],
  ])('fails one call where its answer %s', async (_, answer) => {
    await using rig = await modern();
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    rig.end.send(answer);
    await expect(replies[0]).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED', facts: { upstream: 'files' } });
    rig.end.send('{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete"}}');
    await replies[1];
  });

  it('fails one call where its answer is too large', async () => {
    await using rig = await modern({ maxMessageBytes: 300 });
    const replies = [1, 2].map(() => rig.connection.service(testCall('tools/call')));
    rig.end.send(`{"jsonrpc":"2.0","id":2,"result":{"x":"${'x'.repeat(300)}"}}`);
    await expect(replies[0]).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    rig.end.send('{"jsonrpc":"2.0","id":3,"result":{"resultType":"complete"}}');
    await replies[1];
  });
});
