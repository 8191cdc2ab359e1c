import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { type Listener, type Service, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { wsHandler } from './handler.ts';
import type { Principal, WsServeOptions } from './options.ts';
import { echo, endless, serverInfo, serviceOf, textReply } from './testing/calls.ts';
import { askUpgrade, callTool, closeCode, dial, nextMessage } from './testing/raw-ws.ts';
import { listening } from './testing/ws-rig.ts';
import { wsTransport } from './transport.ts';

function serve(service: Service = echo, options: Partial<WsServeOptions> = {}): Promise<Listener> {
  return wsTransport().serve(service, { serverInfo, ...options });
}

describe('the upgrade', () => {
  it('is answered with the subprotocol mcp, and without the compression that was offered', async () => {
    await using listener = await serve();
    expect(listener.address).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const answer = await askUpgrade(listener.address, {
      'sec-websocket-protocol': 'chat, mcp',
      'sec-websocket-extensions': 'permessage-deflate',
    });
    expect(answer.status).toBe(101);
    expect(answer.headers).toMatchObject({
      upgrade: 'websocket',
      'sec-websocket-protocol': 'mcp',
      'sec-websocket-accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    });
    expect(answer.headers['sec-websocket-extensions']).toBeUndefined();
  });

  it.each<[string, Record<string, string | undefined>, number, string]>([
    ['by another name', { host: 'evil.example.com' }, 403, 'HOST_REJECTED'],
    ['from a page of another site', { origin: 'https://evil.example.com' }, 403, 'ORIGIN_REJECTED'],
    ['from a page without a site', { origin: 'null' }, 403, 'ORIGIN_REJECTED'],
    ['without the subprotocol', { 'sec-websocket-protocol': 'chat' }, 400, 'INVALID_REQUEST'],
    ['without any subprotocol', { 'sec-websocket-protocol': undefined }, 400, 'INVALID_REQUEST'],
    ['of a draft, which says Origin otherwise', { 'sec-websocket-version': '8' }, 426, 'INVALID_REQUEST'],
  ])('%s is refused', async (_, headers, status, code) => {
    await using listener = await serve();
    expect(await askUpgrade(listener.address, headers)).toMatchObject({ status, code });
  });

  it.each(['http://localhost:5173', 'https://127.0.0.1'])(
    'from %s, a page of this machine, is fine',
    async (origin) => {
      await using listener = await serve();
      expect((await askUpgrade(listener.address, { origin })).status).toBe(101);
    },
  );

  it('is for the hosts and pages that are named', async () => {
    await using listener = await serve(echo, {
      host: '0.0.0.0',
      allowedHosts: ['mcp.example.com'],
      allowedOrigins: ['https://app.example'],
    });
    const address = listener.address.replace('0.0.0.0', '127.0.0.1');
    const host = 'mcp.example.com';
    expect((await askUpgrade(address, { host, origin: 'https://app.example' })).status).toBe(101);
    expect((await askUpgrade(address, { host, origin: 'http://localhost' })).status).toBe(403);
    expect((await askUpgrade(address)).status).toBe(403);
  });

  it('at another path is not found, and what is no upgrade is told to be one', async () => {
    await using listener = await serve();
    const elsewhere = listener.address.replace('/mcp', '/else?token=secret');
    expect(await askUpgrade(elsewhere)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    const plain = { connection: undefined, upgrade: undefined };
    const asked = await askUpgrade(listener.address, plain);
    expect(asked).toMatchObject({ status: 426, headers: { upgrade: 'websocket' } });
    const notFound = await askUpgrade(elsewhere, plain);
    expect(notFound).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(notFound.body).not.toContain('secret');
    expect((await askUpgrade(`${listener.address}?a=1`)).status).toBe(101);
  });

  it('says so when the port is taken', async () => {
    await using listener = await serve();
    await expect(serve(echo, { port: Number(new URL(listener.address).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('cuts off who sends headers forever', async () => {
    await using listener = await serve(echo, { headersTimeoutMs: 50 });
    const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /mcp HTTP/1.1\r\nhost: localhost\r\nx-a: ');
    socket.resume();
    await once(socket, 'close');
  });
});

describe('identify', () => {
  const identify = async ({ authorization }: IncomingHttpHeaders): Promise<Principal> => {
    if (authorization === 'Bearer good') return { principal: 'ann', tenant: 'acme' };
    throw new ToolyardError('UNAUTHENTICATED', { reason: 'no token' }, 'No token.');
  };

  it('refuses strangers at the upgrade, with a challenge', async () => {
    await using listener = await serve(echo, { identify, challenge: 'Bearer realm="mcp"' });
    const answer = await askUpgrade(listener.address, { authorization: 'Bearer bad' });
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="mcp"');
  });

  it('names the caller of every call', async () => {
    const seen: string[] = [];
    const service = serviceOf({
      who: ({ caller }) => {
        seen.push(`${caller.principal} of ${caller.tenant}`);
        return textReply('');
      },
    });
    await using listener = await serve(service, { identify });
    const socket = await dial(listener.address, { headers: { authorization: 'Bearer good' } });
    socket.send(callTool(1, 'who'));
    await nextMessage(socket);
    socket.send(callTool(2, 'who'));
    await nextMessage(socket);
    expect(seen).toEqual(['ann of acme', 'ann of acme']);
    socket.terminate();
  });

  it('that breaks tells nothing', async () => {
    await using listener = await serve(echo, { identify: () => Promise.reject(new Error('database password')) });
    const answer = await askUpgrade(listener.address);
    expect(answer).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(answer.body).not.toContain('password');
  });

  it('that takes its time holds up neither a client that leaves nor the end', async () => {
    const asked: string[] = [];
    const listener = await serve(echo, {
      identify: (headers) => {
        asked.push(String(headers['x-who']));
        return new Promise(() => {});
      },
    });
    const leaving = connect(Number(new URL(listener.address).port), '127.0.0.1');
    leaving.write(
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mcp\r\nX-Who: leaving\r\n\r\n',
    );
    while (asked.length < 1) await new Promise(setImmediate);
    leaving.resetAndDestroy();
    const waiting = askUpgrade(listener.address, { 'x-who': 'waiting' });
    while (asked.length < 2) await new Promise(setImmediate);
    await listener.close();
    expect(await waiting).toMatchObject({ status: 503, code: 'CLOSED' });
  });
});

describe('clients', () => {
  it('are bounded in number, and room comes back', async () => {
    await using listener = await serve(echo, { maxClients: 2 });
    const [first, second] = [await dial(listener.address), await dial(listener.address)];
    expect(await askUpgrade(listener.address)).toMatchObject({ status: 429, code: 'TOO_MANY_CALLS' });
    first.close(1000);
    await closeCode(first);
    let third = await askUpgrade(listener.address);
    while (third.status === 429) third = await askUpgrade(listener.address);
    expect(third.status).toBe(101);
    second.terminate();
  });

  it('that are being identified count', async () => {
    const asked = Promise.withResolvers<void>();
    const listener = await serve(echo, {
      maxClients: 1,
      identify: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const first = askUpgrade(listener.address);
    await asked.promise;
    expect((await askUpgrade(listener.address)).status).toBe(429);
    await listener.close();
    expect((await first).status).toBe(503);
  });

  it('are told 1001 after their answers when the server closes', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const listener = await serve(
      serviceOf({
        async slow() {
          started.resolve();
          await release.promise;
          return textReply('in time');
        },
      }),
    );
    const socket = await dial(listener.address);
    socket.send(callTool(1, 'slow'));
    await started.promise;
    const [answer, code] = [nextMessage(socket), closeCode(socket)];
    const closed = listener.close({ drainMs: 60_000 });
    await expect(askUpgrade(listener.address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    release.resolve();
    expect((await answer).text).toContain('in time');
    expect(await code).toBe(1001);
    await closed;
    expect(await listener.closed).toBeUndefined();
  });

  it('have their calls aborted when they leave', async () => {
    const { service, started, aborted } = endless();
    await using listener = await serve(service);
    const socket = await dial(listener.address);
    socket.send(callTool(1, 'wait'));
    await started;
    socket.terminate();
    expect(await aborted).toMatchObject({ code: 'CANCELLED' });
  });

  it('that say goodbye and keep the socket are cut off, and their calls are aborted', async () => {
    const { service, started, aborted } = endless();
    await using listener = await wsTransport({ closeMs: 50 }).serve(service, { serverInfo });
    const socket = connect({ port: Number(new URL(listener.address).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    socket.write(
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mcp\r\n\r\n',
    );
    await once(socket, 'data');
    const call = Buffer.from(callTool(1, 'wait'));
    socket.write(Buffer.from([0x81, 0xfe, call.length >> 8, call.length & 0xff, 0, 0, 0, 0, ...call]));
    await started;
    socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
    expect(await aborted).toMatchObject({ cause: { message: 'a client closed the socket (1005)' } });
    socket.destroy();
  });

  it('that do not answer a close frame are cut off', async () => {
    const listener = await wsTransport({ closeMs: 50 }).serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    socket.pause();
    const beganMs = performance.now();
    await listener.close();
    expect(performance.now() - beganMs).toBeLessThan(1_500);
    socket.terminate();
  });
});

describe('a handler on a server of your own', () => {
  it('takes its path, leaves others alone, and ends without ending the server', async () => {
    const handler = wsHandler(echo, { serverInfo, path: '/tools' });
    const server = createServer((_, response) => response.end('mine'));
    server.on('upgrade', (request, socket, head) => {
      if (!handler.upgrade(request, socket, head)) socket.end('HTTP/1.1 418 \r\n\r\n');
    });
    const address = await listening(server);
    const mounted = address.replace('/mcp', '/tools');
    expect((await askUpgrade(address)).status).toBe(418);
    const socket = await dial(mounted);
    socket.send(callTool(1, 'echo', { text: 'hi' }));
    expect((await nextMessage(socket)).text).toContain('"text":"hi"');
    const code = closeCode(socket);
    await Promise.all([handler.close(), handler.close()]);
    expect(await code).toBe(1001);
    expect(await askUpgrade(mounted)).toMatchObject({ status: 503, code: 'CLOSED' });
    const plain = await fetch(mounted.replace('ws:', 'http:'));
    expect(await plain.text()).toBe('mine');
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
});
