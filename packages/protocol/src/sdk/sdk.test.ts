import * as clientV2 from '@modelcontextprotocol/client';
import { InMemoryTransport as InMemoryV1 } from '@modelcontextprotocol/sdk/inMemory.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import * as serverV2 from '@modelcontextprotocol/server';
import { describe, expect, it, vi } from 'vitest';
import { connectPipe } from '../eras/pipe/connect-pipe.ts';
import { servePipe } from '../eras/pipe/serve-pipe.ts';
import { createPipePair } from '../memory/pipe-pair.ts';
import { testCall } from '../testing/call.ts';
import { wireEnd } from '../testing/wire-end.ts';
import { RawObject } from '../wire/raw-object.ts';
import { fromSdkTransport } from './from-sdk-transport.ts';
import { toSdkTransport } from './to-sdk-transport.ts';

const info = { name: 'x', version: '1' };

describe('fromSdkTransport', () => {
  it('reaches a server of the SDK through its in-memory pair', async () => {
    const [near, far] = serverV2.InMemoryTransport.createLinkedPair();
    const server = new serverV2.Server(info, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({ tools: [{ name: 'a', inputSchema: { type: 'object' } }] }));
    await server.connect(far);
    await using connection = await connectPipe(() => Promise.resolve(fromSdkTransport(near)), {
      upstream: 'x',
      clientInfo: info,
      wire: 'sdk',
    });
    expect((await connection.service(testCall('tools/list'))).result.value).toMatchObject({ tools: [{ name: 'a' }] });
    await server.close();
    expect(await connection.closed).toMatchObject({ code: 'CLOSED' });
  });

  it('serves a client of the SDK through its in-memory pair', async () => {
    const [near, far] = clientV2.InMemoryTransport.createLinkedPair();
    await using serving = servePipe(
      fromSdkTransport(near),
      (call) =>
        Promise.resolve({
          result: RawObject.of({
            resultType: 'complete',
            supportedVersions: ['2026-07-28'],
            capabilities: { tools: {} },
            tools: [],
            ttlMs: 0,
            cacheScope: 'private',
            method: call.method,
          }),
        }),
      { serverInfo: info },
    );
    const client = new clientV2.Client(info, { versionNegotiation: { mode: 'auto' } });
    await client.connect(far);
    expect((await client.listTools()).tools).toEqual([]);
    await client.close();
    expect(await serving.closed).toMatchObject({ code: 'CLOSED' });
  });

  it('fits the transports of the first generation', async () => {
    const [near, far] = InMemoryV1.createLinkedPair();
    const end = wireEnd(fromSdkTransport(near));
    const seen: unknown[] = [];
    far.onmessage = (message) => void seen.push(message);
    await far.start();
    await far.send({ jsonrpc: '2.0', id: 'x', method: 'ping' });
    expect(await end.next()).toBe('{"jsonrpc":"2.0","id":"x","method":"ping"}');
    end.send('{"jsonrpc":"2.0","id":"x","result":{}}');
    await vi.waitFor(() => expect(seen).toEqual([{ jsonrpc: '2.0', id: 'x', result: {} }]));
    await end.close();
  });

  it('passes on what a message belongs to', async () => {
    const sent: unknown[] = [];
    const pipe = fromSdkTransport({
      start: () => Promise.resolve(),
      send: async (_, options) => void sent.push(options),
      close: () => Promise.resolve(),
    });
    pipe.start({ message() {}, closed() {} });
    const message = new TextEncoder().encode('{"jsonrpc":"2.0","method":"notifications/message"}');
    await pipe.send(message, '"a"');
    await pipe.send(message, '7');
    await pipe.send(message);
    expect(sent).toEqual([{ relatedRequestId: 'a' }, { relatedRequestId: 7 }, undefined]);
  });

  it('is over, once, where the transport cannot be started, and reports what the transport survives', async () => {
    const reason = new Error('cannot start');
    const onError = vi.fn<(error: Error) => void>();
    const closed = vi.fn<(reason?: Error) => void>();
    const transport: Parameters<typeof fromSdkTransport>[0] = {
      start: () => Promise.reject(reason),
      send: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const pipe = fromSdkTransport(transport, { onError });
    pipe.start({ message() {}, closed });
    transport.onerror?.(reason);
    expect(onError).toHaveBeenCalledWith(reason);
    await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(reason));
    await Promise.all([pipe.close(), pipe.close()]);
    expect(closed).toHaveBeenCalledOnce();
    await expect(pipe.send(new Uint8Array())).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('toSdkTransport', () => {
  it('is a transport to both generations', () => {
    const [left] = createPipePair();
    const transport = toSdkTransport(left);
    const fits: [TransportV1, clientV2.Transport, serverV2.Transport] = [transport, transport, transport];
    expect(fits).toHaveLength(3);
  });

  it('carries messages, and what they belong to', async () => {
    const [left, right] = createPipePair();
    const end = wireEnd(right);
    const transport = toSdkTransport(left);
    const seen: unknown[] = [];
    transport.onmessage = (message) => void seen.push(message);
    await transport.start();
    end.send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    await vi.waitFor(() => expect(seen).toEqual([{ jsonrpc: '2.0', id: 1, method: 'ping' }]));
    await transport.send({ jsonrpc: '2.0', id: 'a', result: {} });
    await transport.send({ jsonrpc: '2.0', id: 9, method: 'roots/list' }, { relatedRequestId: 1 });
    await transport.send({ jsonrpc: '2.0', id: 10, method: 'ping' });
    await end.next();
    await end.next();
    expect(await end.next()).toBe('{"jsonrpc":"2.0","id":10,"method":"ping"}');
    expect(end.lanes).toEqual(['"a"', '1', undefined]);
  });

  it('reports what is no JSON, and the end', async () => {
    const [left, right] = createPipePair();
    const end = wireEnd(right);
    const transport = toSdkTransport(left);
    const errors: Error[] = [];
    const closed = vi.fn<() => void>();
    transport.onerror = (error) => void errors.push(error);
    transport.onclose = closed;
    await transport.start();
    end.send('hello');
    end.send('5');
    await vi.waitFor(() => expect(errors).toHaveLength(2));
    await end.close();
    await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
    await transport.close();
    expect(closed).toHaveBeenCalledOnce();
  });
});
