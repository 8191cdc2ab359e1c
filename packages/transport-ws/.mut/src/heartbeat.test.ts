import { once } from 'node:events';
import { createServer, connect as dialTcp, type Socket } from 'node:net';
import { createCall } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';
import { connectOptions, echo, echoCall, endless, errorOf, serverInfo, serviceOf, textReply } from './testing/calls.ts';
import { callTool, closeCode, dial, frameText, nextMessage } from './testing/raw-ws.ts';
import { dialPipe, foreignServer } from './testing/ws-rig.ts';
import { wsTransport } from './transport.ts';

/** Resolves when so many events of a kind were seen. */
async function times(
  count: number,
  target: { once(event: string, listener: () => void): unknown },
  event: string,
): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise<void>((resolve) => target.once(event, resolve));
}

describe('a silent peer', () => {
  it('is pinged, and stays as long as it answers: a client', async () => {
    await using listener = await wsTransport({ pingMs: 15, deadMs: 5_000 }).serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    await times(4, socket, 'ping');
    socket.send(callTool(1, 'echo', { text: 'alive' }));
    expect((await nextMessage(socket)).text).toContain('alive');
    socket.terminate();
  });

  it('is pinged, and stays as long as it answers: a server', async () => {
    await using listener = await wsTransport().serve(echo, { serverInfo });
    const pings = wsTransport({ pingMs: 15, deadMs: 5_000 });
    await using server = await foreignServer((socket) => {
      socket.on('message', (data) => {
        const { id } = JSON.parse(frameText(data)) as { id: number };
        socket.send(
          `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{}}}`,
        );
      });
    });
    await using connection = await pings.connect({ url: server.url }, connectOptions);
    const [socket] = server.sockets;
    if (socket !== undefined) await times(4, socket, 'ping');
    await connection.service(echoCall('x'));
    await using other = await pings.connect({ url: listener.address }, connectOptions);
    await other.service(echoCall('x'));
  });

  it('that answers no ping is dead: its socket is cut, and its calls are aborted', async () => {
    const { service, started, aborted } = endless();
    await using listener = await wsTransport({ pingMs: 20, deadMs: 40 }).serve(service, { serverInfo });
    const socket = await dial(listener.address, { autoPong: false });
    const code = closeCode(socket);
    socket.send(callTool(1, 'wait'));
    await started;
    expect(await aborted).toMatchObject({ cause: { message: 'a client did not answer a ping within 40 ms' } });
    expect(await code).toBe(1006);
  });

  it('that sends messages instead of pongs is alive', async () => {
    await using listener = await wsTransport({ pingMs: 15, deadMs: 1_000 }).serve(echo, { serverInfo });
    const socket = await dial(listener.address, { autoPong: false });
    for (let n = 1; n <= 200; n++) {
      socket.send(callTool(n, 'echo', { text: `${n}` }));
      expect((await nextMessage(socket)).text).toContain(`"id":${n}`);
    }
    socket.terminate();
  });
});

describe('a peer that is gone without a word', () => {
  /** Carries bytes both ways until it is told to swallow them. */
  async function tunnel(port: number): Promise<AsyncDisposable & { readonly url: string; swallow(): void }> {
    const sockets: Socket[] = [];
    const server = createServer((near) => {
      const far = dialTcp(port, '127.0.0.1');
      sockets.push(near, far);
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.pipe(far).pipe(near);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    return {
      url: `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/mcp`,
      swallow() {
        for (const socket of sockets) socket.unpipe();
        for (const socket of sockets) socket.resume();
      },
      async [Symbol.asyncDispose]() {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      },
    };
  }

  it('is noticed by both sides: the connection ends with the reason, and the call at the server is aborted', async () => {
    const { service, started, aborted } = endless();
    const ws = wsTransport({ pingMs: 20, deadMs: 40 });
    await using listener = await ws.serve(service, { serverInfo });
    await using link = await tunnel(Number(new URL(listener.address).port));
    await using connection = await ws.connect({ url: link.url }, connectOptions);
    const call = errorOf(connection.service(createCall('tools/call', { params: { name: 'wait' } })));
    await started;
    link.swallow();
    expect(await connection.closed).toMatchObject({ message: 'server up did not answer a ping within 40 ms' });
    expect((await call).code).toBe('UPSTREAM_CLOSED');
    expect(await aborted).toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a peer that does not read', () => {
  const large = textReply('x'.repeat(20_000_000));

  it('is cut off when nothing of what waits for it has moved for pingMs and deadMs', async () => {
    const { service, started, aborted } = endless();
    await using listener = await wsTransport({ pingMs: 50, deadMs: 50 }).serve(
      (call) => (call.params.string('name') === 'large' ? Promise.resolve(large) : service(call)),
      { serverInfo },
    );
    const { pipe, socket, wire } = await dialPipe(listener.address);
    wire.on('error', () => undefined);
    await pipe.send(Buffer.from(callTool(1, 'wait')));
    await started;
    await pipe.send(Buffer.from(callTool(2, 'large')));
    expect(await aborted).toMatchObject({ cause: { message: 'a client left what was sent unread for 100 ms' } });
    socket.resume();
    await once(wire, 'close');
    expect(wire.bytesRead).toBeLessThan(20_000_000);
  });

  it('is not cut off while it reads slowly, although no pong comes for longer than a dead peer may stay', async () => {
    await using listener = await wsTransport({ pingMs: 50, deadMs: 800 }).serve(serviceOf({ large: () => large }), {
      serverInfo,
    });
    const { pipe, wire } = await dialPipe(listener.address);
    const answer = Promise.withResolvers<Uint8Array>();
    pipe.start({ message: answer.resolve, closed: () => answer.reject(new Error('cut off')) });
    wire.on('data', () => {
      wire.pause();
      setTimeout(() => wire.resume(), 5);
    });
    const beganMs = performance.now();
    await pipe.send(Buffer.from(callTool(1, 'large')));
    expect((await answer.promise).byteLength).toBeGreaterThan(20_000_000);
    expect(performance.now() - beganMs).toBeGreaterThan(850);
    await pipe.close();
  });
});

describe('while this side reads nothing', () => {
  it('a peer is not taken for dead, and goes on being pinged', async () => {
    await using server = await foreignServer((peer) => peer.send('{"n":1}'));
    const { pipe, socket } = await dialPipe(server.url, { pingMs: 10, deadMs: 10 });
    const taken = Promise.withResolvers<void>();
    const seen: string[] = [];
    const ended: unknown[] = [];
    pipe.start({
      message(bytes) {
        seen.push(Buffer.from(bytes).toString());
        return taken.promise;
      },
      closed: (reason) => void ended.push(reason),
    });
    const [peer] = server.sockets;
    if (peer === undefined) throw new Error('nobody came');
    await times(5, peer, 'ping');
    expect([socket.isPaused, seen, ended]).toEqual([true, ['{"n":1}'], []]);
    taken.resolve();
    peer.send('{"n":2}');
    await vi.waitFor(() => expect(seen).toEqual(['{"n":1}', '{"n":2}']));
    await pipe.close();
    expect(ended).toEqual([undefined]);
  });
});
