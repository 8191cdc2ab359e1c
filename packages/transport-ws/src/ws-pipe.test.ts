import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { frameText } from './testing/raw-ws.ts';
import { dialPipe, type DialledPipe, type ForeignServer, foreignServer } from './testing/ws-rig.ts';

const message = (n: number, size = 0): Buffer => Buffer.from(JSON.stringify({ n, x: 'x'.repeat(size) }));

async function pair(
  options: Parameters<typeof dialPipe>[1] = {},
): Promise<DialledPipe & { server: ForeignServer; peer: WebSocket }> {
  const server = await foreignServer(() => undefined);
  const dialled = await dialPipe(server.url, options);
  const [peer] = server.sockets;
  if (peer === undefined) throw new Error('nobody came');
  return { ...dialled, server, peer };
}

describe('sending', () => {
  it('waits above the high-water mark until the peer has read, and keeps the order', async () => {
    const { pipe, peer, socket, server } = await pair({ highWaterBytes: 100_000 });
    await using _ = server;
    peer.pause();
    const sent: number[] = [];
    const total = 40;
    const sending = Array.from({ length: total }, (__, n) => pipe.send(message(n, 500_000)).then(() => sent.push(n)));
    sending.push(pipe.send(message(total)).then(() => sent.push(total)));
    await vi.waitFor(() => expect(socket.bufferedAmount).toBeGreaterThan(100_000));
    expect(sent.length).toBeLessThan(total + 1);
    const seen: number[] = [];
    peer.on('message', (data) => seen.push((JSON.parse(frameText(data)) as { n: number }).n));
    peer.resume();
    await Promise.all(sending);
    expect(socket.bufferedAmount).toBeLessThanOrEqual(100_000);
    await vi.waitFor(() => expect(seen).toEqual(Array.from({ length: total + 1 }, (__, n) => n)));
    await pipe.close();
  });

  it('does not wait below it', async () => {
    const { pipe, peer, socket, server } = await pair();
    await using _ = server;
    peer.pause();
    await pipe.send(message(1, 60_000));
    expect(socket.bufferedAmount).toBeLessThanOrEqual(65_536);
    peer.resume();
    await pipe.close();
  });

  it('leaves the bytes it is given as they are, although a client masks', async () => {
    const { pipe, peer, server } = await pair();
    await using _ = server;
    const bytes = new Uint8Array(message(7, 100));
    const before = [...bytes];
    const came = once(peer, 'message');
    await pipe.send(bytes);
    expect(String((await came)[0])).toBe(message(7, 100).toString());
    expect([...bytes]).toEqual(before);
    await pipe.close();
  });

  it('what is sent in one turn leaves together', async () => {
    const { pipe, peer, wire, server } = await pair();
    await using _ = server;
    const writes = vi.spyOn(wire, '_writev');
    const seen: string[] = [];
    peer.on('message', (data) => seen.push(frameText(data)));
    for (let n = 0; n < 10; n++) void pipe.send(message(n));
    await vi.waitFor(() => expect(seen).toHaveLength(10));
    expect(writes).toHaveBeenCalledOnce();
    await pipe.close();
  });

  it('rejects with CLOSED once it is closed, also what was waiting for room', async () => {
    const { pipe, peer, socket, server } = await pair({ closeMs: 20 });
    await using _ = server;
    peer.pause();
    const waiting = Array.from({ length: 40 }, (__, n) => pipe.send(message(n, 500_000)));
    const last = waiting.at(-1);
    await vi.waitFor(() => expect(socket.bufferedAmount).toBeGreaterThan(65_536));
    const closed = pipe.close();
    await expect(last).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(pipe.send(message(0))).rejects.toMatchObject({ code: 'CLOSED' });
    await closed;
    await Promise.allSettled(waiting);
  });
});

describe('receiving', () => {
  it('reads no further while a message is being taken, so that the peer has to wait', async () => {
    const { pipe, peer, socket, server } = await pair();
    await using _ = server;
    const gates: PromiseWithResolvers<void>[] = [];
    const seen: number[] = [];
    pipe.start({
      message(bytes) {
        seen.push((JSON.parse(Buffer.from(bytes).toString()) as { n: number }).n);
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        return gate.promise;
      },
      closed: () => undefined,
    });
    for (let n = 0; n < 60; n++) peer.send(message(n, 500_000).toString());
    await vi.waitFor(() => expect(seen).toEqual([0]));
    expect(socket.isPaused).toBe(true);
    // 30 MB are more than the kernel takes for both sides.
    const stuck = peer.bufferedAmount;
    expect(stuck).toBeGreaterThan(0);
    for (let n = 0; n < 60; n++) {
      await vi.waitFor(() => expect(seen).toHaveLength(n + 1));
      gates[n]?.resolve();
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (__, n) => n));
    await pipe.close();
  });

  it('hands over many messages of one packet one by one, and those before an end, before the end', async () => {
    const { pipe, peer, server } = await pair();
    await using _ = server;
    const log: string[] = [];
    const ended = Promise.withResolvers<Error | undefined>();
    let busy = false;
    pipe.start({
      async message(bytes) {
        expect(busy).toBe(false);
        busy = true;
        await new Promise(setImmediate);
        busy = false;
        log.push(Buffer.from(bytes).toString());
      },
      closed: ended.resolve,
    });
    for (let n = 0; n < 200; n++) peer.send(String(n));
    peer.close(1000);
    expect((await ended.promise)?.message).toBe('the other side closed the socket (1000)');
    expect(log).toEqual(Array.from({ length: 200 }, (__, n) => String(n)));
  });

  it('keeps what came before it was started', async () => {
    const { pipe, peer, server } = await pair();
    await using _ = server;
    peer.send('early');
    await new Promise((resolve) => peer.send('too', resolve));
    const seen: string[] = [];
    pipe.start({ message: (bytes) => void seen.push(Buffer.from(bytes).toString()), closed: () => undefined });
    await vi.waitFor(() => expect(seen).toEqual(['early', 'too']));
    await pipe.close();
  });

  it('ends with what its receiver throws, and tells the peer 1011', async () => {
    for (const take of [
      () => {
        throw new Error('broken');
      },
      () => Promise.reject(new Error('broken')),
    ]) {
      const { pipe, peer, server } = await pair();
      await using _ = server;
      const ended = Promise.withResolvers<Error | undefined>();
      pipe.start({ message: take, closed: ended.resolve });
      const code = once(peer, 'close');
      peer.send('x');
      expect(await ended.promise).toMatchObject({ message: 'broken' });
      expect((await code)[0]).toBe(1011);
      await pipe.close();
    }
  });
});

describe('the end', () => {
  it('by a TCP end without a close frame is an end, also where the peer reads nothing any more', async () => {
    const server = await foreignServer((_, pipe) => pipe());
    await using _ = server;
    const { pipe, wire } = await dialPipe(server.url, { closeMs: 30 });
    const ended = Promise.withResolvers<Error | undefined>();
    pipe.start({ message: () => undefined, closed: ended.resolve });
    const [peer] = server.sockets;
    if (peer === undefined) throw new Error('nobody came');
    for (let n = 0; n < 40; n++) void pipe.send(message(n, 500_000)).catch(() => undefined);
    halfClose(peer);
    expect((await ended.promise)?.message).toBe('the other side closed the socket (1006)');
    if (!wire.closed) await once(wire, 'close');
    await pipe.close();
  });

  it('does not wait for a message that is being taken: the answer to the close frame is read all the same', async () => {
    const { pipe, peer, server } = await pair({ closeMs: 5_000 });
    await using _ = server;
    const taking = Promise.withResolvers<void>();
    pipe.start({
      message() {
        taking.resolve();
        return new Promise(() => {});
      },
      closed: () => undefined,
    });
    peer.send('x');
    await taking.promise;
    const beganMs = performance.now();
    await pipe.close();
    expect(performance.now() - beganMs).toBeLessThan(4_000);
  });

  it('that came before the start is told at the start', async () => {
    const { pipe, peer, wire, server } = await pair();
    await using _ = server;
    peer.terminate();
    wire.resume();
    await once(wire, 'close');
    const ended = Promise.withResolvers<Error | undefined>();
    pipe.start({ message: () => undefined, closed: ended.resolve });
    expect(await ended.promise).toBeInstanceOf(Error);
    await pipe.close();
  });
});

/** Ends the sending side of the socket below, and reads nothing. */
function halfClose(peer: WebSocket): void {
  peer.pause();
  const wire: unknown = Reflect.get(peer, '_socket');
  if (typeof wire === 'object' && wire !== null && 'end' in wire && typeof wire.end === 'function') wire.end();
}
