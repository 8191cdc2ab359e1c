import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Endpoint } from '../endpoint.ts';
import { serverInfo, serviceOf, textReply } from '../../testing/calls.ts';
import { readAll, requestText } from '../../testing/conversation.ts';
import { modernRequest, socketTo } from '../../testing/raw-http.ts';
import { Lane } from './lane.ts';
import { ResponseHeads } from './response-head.ts';

const request = requestText(modernRequest('tools/call', { name: 'echo' }));
const body = request.indexOf('{');

describe('the times of a lane', () => {
  /** A lane whose clock is the test's. */
  async function open() {
    const endpoint = new Endpoint(serviceOf({ echo: () => textReply('x') }), { serverInfo });
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    const accepted = once(server, 'connection');
    const client = await socketTo(address.port);
    const [served] = (await accepted) as [Socket];
    const lane = new Lane(
      {
        heads: new ResponseHeads(5_000),
        mounts: { at: (path) => (path === '/mcp' ? endpoint : undefined) },
        headersTimeoutMs: 10_000,
        requestTimeoutMs: 60_000,
        idleSocketMs: 5_000,
        closing: false,
        left() {},
        handOver: (socket) => socket.destroy(),
      },
      served,
    );
    return {
      client,
      served,
      lane,
      async send(text: string) {
        const { bytesRead } = served;
        client.write(text);
        while (served.bytesRead < bytesRead + text.length) await new Promise(setImmediate);
      },
      async [Symbol.asyncDispose]() {
        client.destroy();
        await endpoint.close();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }
  const timedOut = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

  it.each([
    ['before its first byte', '', 10_000],
    ['in the head of a request', request.slice(0, body - 2), 10_000],
    ['in the body of one', request.slice(0, -1), 60_000],
  ])('end a wait %s', async (_, sent, limitMs) => {
    await using opened = await open();
    const answer = readAll(opened.client);
    await opened.send(sent);
    for (const nowMs of [1_000, 1_000 + limitMs]) opened.lane.tend(nowMs);
    expect(opened.served.writableEnded).toBe(false);
    opened.lane.tend(1_001 + limitMs);
    expect(await answer).toBe(timedOut);
  });

  it('begin anew with each request', async () => {
    await using opened = await open();
    const { client, lane, send } = opened;
    let answers = 0;
    client.on('data', (chunk: Buffer) => (answers += chunk.toString().split('HTTP/1.1 200').length - 1));
    for (let round = 0; round < 5; round += 1) {
      const fromMs = round * 100_000;
      await send(request.slice(0, body));
      for (const ms of [0, 60_000]) lane.tend(fromMs + ms);
      await send(request.slice(body));
      for (const ms of [70_000, 76_000]) lane.tend(fromMs + ms);
    }
    while (answers < 5) await once(client, 'data');
  });

  it('end the wait for the next request a second after the time that the client was told', async () => {
    await using opened = await open();
    const closed = readAll(opened.client);
    await opened.send(request);
    for (const nowMs of [0, 6_000]) opened.lane.tend(nowMs);
    expect(opened.served.destroyed).toBe(false);
    opened.lane.tend(6_001);
    expect(await closed).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});
