import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { inspect } from 'node:util';
import type { ConnectOptions } from '@toolyard/protocol';
import { serveRawPipe } from '@toolyard/contract-tests';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { connectOptions, echo, echoCall, errorOf, serverInfo, serviceOf, textReply } from './testing/calls.ts';
import { closeCode, frameText } from './testing/raw-ws.ts';
import { foreignServer, listening } from './testing/ws-rig.ts';
import { wsTransport } from './transport.ts';

const discovery =
  '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"public"}';
const olderHello = '{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"old","version":"1"}}';
const token = 'Bearer s3cr3t-t0ken';

/** A server of 2026-07-28 made of `ws` alone, that can be discovered and leaves the rest to `answer`. */
function discoverableServer(answer: (socket: WebSocket, id: unknown) => void) {
  return foreignServer((socket) => {
    socket.on('message', (data) => {
      const { id, method } = JSON.parse(frameText(data)) as { id: unknown; method: string };
      if (method === 'server/discover')
        socket.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${discovery}}`);
      else answer(socket, id);
    });
  });
}

/** A server whose sockets say what they are told to, and the sockets. */
async function tcpServer(
  say: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly url: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server: Server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.resume();
    say(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `ws://127.0.0.1:${port}/mcp`,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function connect(url: string, options: Partial<ConnectOptions> = {}, headers: Readonly<Record<string, string>> = {}) {
  return wsTransport().connect({ url, headers }, { ...connectOptions, ...options });
}

describe('the upgrade', () => {
  it('carries the headers of the target, the subprotocol, and no offer to compress', async () => {
    const asked: IncomingHttpHeaders[] = [];
    const log: string[] = [];
    await using listener = await wsTransport().serve(echo, {
      serverInfo,
      identify: (headers) => {
        asked.push(headers);
        return { principal: 'ann' };
      },
    });
    const headers = {
      Authorization: token,
      'X-Api-Key': 'k',
      Host: 'evil',
      'Sec-WebSocket-Protocol': 'chat',
      Upgrade: 'h2c',
    };
    await using connection = await connect(listener.address, { onLog: (line) => log.push(line) }, headers);
    expect(connection.peer).toEqual({ revision: '2026-07-28', wire: 'websocket' });
    expect(asked[0]).toEqual({
      authorization: token,
      'x-api-key': 'k',
      host: new URL(listener.address).host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': expect.stringMatching(/^[+/0-9A-Za-z]{22}==$/),
      'sec-websocket-protocol': 'mcp',
    });
    expect(log).toEqual([
      'header Host is not ours to set: left out',
      'header Sec-WebSocket-Protocol is not ours to set: left out',
      'header Upgrade is not ours to set: left out',
    ]);
  });

  it.each([401, 403, 404, 302, 200, 503])(
    'that is answered with %d is UPSTREAM_STATUS, and shows no token',
    async (status) => {
      let asked = 0;
      const server = createServer();
      server.on('upgrade', (_, socket: Socket) => {
        asked++;
        socket.end(`HTTP/1.1 ${status} X\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno`);
      });
      const url = `${await listening(server)}?key=s3cr3t`;
      const error = await errorOf(connect(url, {}, { authorization: token }));
      expect(error).toMatchObject({ code: 'UPSTREAM_STATUS', facts: { upstream: 'up', status } });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cr3t');
      expect(asked).toBe(1);
      server.close();
      await once(server, 'close');
    },
  );

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'Parse Error'],
    ['no subprotocol', upgraded('Sec-WebSocket-Accept: ACCEPT'), 'no subprotocol'],
    [
      'another subprotocol',
      upgraded('Sec-WebSocket-Accept: ACCEPT', 'Sec-WebSocket-Protocol: chat'),
      'invalid subprotocol',
    ],
    ['an accept that was not computed', upgraded('Sec-WebSocket-Accept: nonsense'), 'Sec-WebSocket-Accept'],
    [
      'compression that nobody offered',
      upgraded(
        'Sec-WebSocket-Accept: ACCEPT',
        'Sec-WebSocket-Protocol: mcp',
        'Sec-WebSocket-Extensions: permessage-deflate',
      ),
      'no extension was requested',
    ],
  ])('that is answered with %s is UPSTREAM_MALFORMED', async (_, answer, why) => {
    await using server = await tcpServer((socket) => {
      socket.once('data', (chunk: Buffer) => {
        const key = /sec-websocket-key: (\S+)/i.exec(String(chunk))?.[1] ?? '';
        socket.write(answer.replace('ACCEPT', acceptOf(key)));
      });
    });
    const error = await errorOf(connect(server.url, {}, { authorization: token }));
    expect(error.code).toBe('UPSTREAM_MALFORMED');
    expect(error.message).toContain(why);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cr3t');
  });

  it('that nobody answers is UPSTREAM_UNREACHABLE', async () => {
    const server = createServer();
    const url = await listening(server);
    server.close();
    await once(server, 'close');
    const error = await errorOf(connect(`${url}?key=s3cr3t`, {}, { authorization: token }));
    expect(error.code).toBe('UPSTREAM_UNREACHABLE');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cr3t');
  });

  it('that is never answered ends in time, also where headers drip', async () => {
    const drips: NodeJS.Timeout[] = [];
    await using silent = await tcpServer(() => undefined);
    await using dripping = await tcpServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      drips.push(setInterval(() => socket.write('x: y\r\n'), 10));
    });
    for (const server of [silent, dripping]) {
      const error = await errorOf(connect(server.url, { connectTimeoutMs: 150 }));
      expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { upstream: 'up', afterMs: 150 } });
      const [socket] = server.sockets;
      if (socket?.closed === false) await once(socket, 'close');
    }
    for (const drip of drips) clearInterval(drip);
  });

  it('ends with its signal, and so does the socket', async () => {
    const opened = Promise.withResolvers<Socket>();
    await using server = await tcpServer((socket) => opened.resolve(socket));
    const controller = new AbortController();
    const connecting = errorOf(connect(server.url, { signal: controller.signal }));
    const socket = await opened.promise;
    controller.abort();
    expect((await connecting).code).toBe('CANCELLED');
    if (!socket.closed) await once(socket, 'close');
  });

  it.each([
    ['a header with a line break', 'ws://127.0.0.1:1/mcp', { authorization: `${token}\r\nx: y` }],
    ['an address that is no URL', 'ws://[s3cr3t', {}],
    ['a fragment', 'ws://127.0.0.1:1/mcp#s3cr3t', {}],
  ])('is not tried with %s', async (_, url, headers) => {
    const error = await errorOf(connect(url, {}, headers));
    expect(error.code).toBe('UPSTREAM_UNREACHABLE');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('s3cr3t');
  });
});

/** RFC 6455, 4.2.2. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

function upgraded(...headers: readonly string[]): string {
  return ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...headers, '', ''].join(
    '\r\n',
  );
}

describe('a target', () => {
  const { accepts, connect: connectTo } = wsTransport();

  it.each([
    [{ url: 'ws://localhost/mcp' }, true],
    [{ url: 'WSS://example.com' }, true],
    [{ url: 'http://localhost/mcp' }, false],
    [{ url: 'ws+unix:///run/x.sock' }, false],
    [{ url: 'ws:' }, false],
    [{ url: 'ws://127.0.0.1:{port}', start: { command: 'x' } }, false],
    [{ command: 'ws://localhost' }, false],
  ])('%j: %s', (target, expected) => {
    expect(accepts(target)).toBe(expected);
  });

  it('of another kind is refused', async () => {
    const error = await errorOf(connectTo({ url: 'http://x/?key=s3cr3t' }, connectOptions));
    expect(error).toMatchObject({ code: 'TRANSPORT_UNKNOWN', facts: { target: 'http', known: ['ws:', 'wss:'] } });
  });
});

describe('what a server sends', () => {
  it('in a binary frame ends the connection with 1003', async () => {
    const code = Promise.withResolvers<unknown>();
    await using server = await discoverableServer((socket, id) => {
      void closeCode(socket).then(code.resolve);
      socket.send(Buffer.from(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"resultType":"complete"}}`));
    });
    await using connection = await connect(server.url);
    expect((await errorOf(connection.service(echoCall('x')))).code).toBe('UPSTREAM_CLOSED');
    expect(await connection.closed).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await code.promise).toBe(1003);
  });

  it('over the bound ends it with 1009', async () => {
    const code = Promise.withResolvers<unknown>();
    await using server = await discoverableServer((socket, id) => {
      void closeCode(socket).then(code.resolve);
      socket.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"x":"${'x'.repeat(2_000)}"}}`);
    });
    await using connection = await connect(server.url, { maxMessageBytes: 1_000 });
    expect((await errorOf(connection.service(echoCall('x')))).code).toBe('UPSTREAM_CLOSED');
    expect(await connection.closed).toMatchObject({ code: 'MESSAGE_TOO_LARGE', facts: { limitBytes: 1_000 } });
    expect(await code.promise).toBe(1009);
  });

  it('right after the upgrade, in the same packet, is not lost', async () => {
    await using server = await foreignServer((socket, pipe) => {
      socket.send('{"jsonrpc":"2.0","id":1,"result":' + discovery + '}');
      serveRawPipe(pipe(), () => undefined);
    });
    await using connection = await connect(server.url, { connectTimeoutMs: 2_000 });
    expect(connection.peer.revision).toBe('2026-07-28');
  });

  it('before it goes away is delivered, and the code tells why it went', async () => {
    await using server = await discoverableServer((socket, id) => {
      socket.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"resultType":"complete","last":true}}`);
      socket.close(1001, 'see you');
    });
    await using connection = await connect(server.url);
    expect((await connection.service(echoCall('x'))).result.member('last')?.value).toBe(true);
    expect(await connection.closed).toMatchObject({ message: 'server up closed the socket (1001: "see you")' });
    expect((await errorOf(connection.service(echoCall('x')))).code).toBe('UPSTREAM_CLOSED');
  });
});

it('a server that hangs up at server/discover is not asked it again', async () => {
  const seen: string[][] = [];
  await using server = await foreignServer((socket) => {
    const methods: string[] = [];
    seen.push(methods);
    socket.on('message', (data) => {
      const { id, method } = JSON.parse(frameText(data)) as { id?: number; method: string };
      methods.push(method);
      if (method === 'server/discover') socket.close(1011);
      else if (method === 'initialize') socket.send(`{"jsonrpc":"2.0","id":${id},"result":${olderHello}}`);
    });
  });
  const transport = wsTransport();
  for (let attempt = 0; attempt < 2; attempt++) {
    await using connection = await transport.connect({ url: server.url }, connectOptions);
    expect(connection.peer.revision).toBe('2025-06-18');
  }
  const handshake = ['initialize', 'notifications/initialized'];
  expect(seen).toEqual([['server/discover'], handshake, handshake]);
});

describe('closing', () => {
  it('says 1000', async () => {
    const code = Promise.withResolvers<unknown>();
    await using server = await discoverableServer((socket) => void closeCode(socket).then(code.resolve));
    const connection = await connect(server.url);
    void connection.service(echoCall('x')).catch(() => undefined);
    while (server.sockets[0]?.listenerCount('close') === 0) await new Promise(setImmediate);
    await connection.close();
    expect(await connection.closed).toBeUndefined();
    expect(await code.promise).toBe(1000);
  });

  it('waits for a server that does not answer as long as it may, and no longer', async () => {
    await using server = await discoverableServer((socket) => socket.pause());
    const connection = await wsTransport({ closeMs: 60 }).connect({ url: server.url }, connectOptions);
    const call = errorOf(connection.service(echoCall('x')));
    while (server.sockets[0]?.isPaused !== true) await new Promise(setImmediate);
    const beganMs = performance.now();
    await Promise.all([connection.close(), connection.close()]);
    expect(performance.now() - beganMs).toBeGreaterThan(50);
    expect(performance.now() - beganMs).toBeLessThan(1_500);
    expect((await call).code).toBe('CLOSED');
  });
});

describe('compression', () => {
  it('may be agreed on by both sides', async () => {
    const ws = wsTransport({ perMessageDeflate: true });
    const text = 'long '.repeat(100_000);
    await using listener = await ws.serve(
      serviceOf({ echo: ({ params }) => textReply(params.object('arguments')?.string('text') ?? '') }),
      { serverInfo },
    );
    await using connection = await ws.connect({ url: listener.address }, connectOptions);
    expect((await connection.service(echoCall(text))).result.text).toContain(text);
  });
});
