import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Call } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { serviceOf, textReply } from '../../testing/calls.ts';
import { bothEnds, nodeRequests, readAll, requestText } from '../../testing/conversation.ts';
import { echo, serve } from '../../testing/listeners.ts';
import { ask, modernRequest, type RawRequest, socketTo } from '../../testing/raw-http.ts';

const echoCall = (text: string, headers: Readonly<Record<string, string>> = {}): string =>
  requestText(modernRequest('tools/call', { name: 'echo', arguments: { text } }, headers));
const portOf = ({ address }: { readonly address: string }): number => Number(new URL(address).port);

/** Calls that wait until they are released, in the order in which they came. */
function gated() {
  const calls: { readonly call: Call; readonly release: () => void }[] = [];
  let came = Promise.withResolvers<void>();
  const service = serviceOf({
    echo,
    async wait(call) {
      const gate = Promise.withResolvers<void>();
      calls.push({ call, release: gate.resolve });
      came.resolve();
      await gate.promise;
      return textReply('released');
    },
  });
  return {
    calls,
    service,
    async next(count: number) {
      while (calls.length < count) {
        came = Promise.withResolvers<void>();
        await came.promise;
      }
      const gate = calls[count - 1];
      if (gate === undefined) throw new Error('no call');
      return gate;
    },
  };
}
const waitCall = (more: RawRequest['headers'] = {}): string =>
  requestText(modernRequest('tools/call', { name: 'wait' }, more));

/** The same request with its body in one chunk. */
function chunked(request: string): string {
  const at = request.indexOf('{');
  const head = request.slice(0, at).replace(/content-length: \d+/, 'transfer-encoding: chunked');
  return `${head}${(request.length - at).toString(16)}\r\n${request.slice(at)}\r\n0\r\n\r\n`;
}

/** What has been answered on a socket so far, and waiting until it is this. */
function listenTo(socket: Socket) {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  return {
    statuses: () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)),
    texts: () => [...text.matchAll(/"text":"([^"]*)"/g)].map(([, said]) => said),
    get text() {
      return text;
    },
    async until(done: () => boolean) {
      while (!done()) await once(socket, 'data');
    },
  };
}

describe('a socket in front of node:http', () => {
  it('carries one request after another', async () => {
    await using listener = await serve();
    using seen = nodeRequests();
    const socket = await socketTo(portOf(listener));
    const answers = listenTo(socket);
    for (const text of ['a', 'b', 'c']) {
      socket.write(echoCall(text));
      await answers.until(() => answers.texts().at(-1) === text);
    }
    expect(answers.texts()).toEqual(['a', 'b', 'c']);
    expect(answers.text).toMatch(
      /Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n/,
    );
    expect(seen.count).toBe(0);
    socket.destroy();
  });

  it('answers pipelined requests in order, one at a time', async () => {
    const { service, next, calls } = gated();
    await using listener = await serve(service);
    const socket = await socketTo(portOf(listener));
    const answers = listenTo(socket);
    socket.write(waitCall() + waitCall());
    socket.write(echoCall('last') + echoCall('really', { connection: 'close' }) + echoCall('beyond the end'));
    (await next(1)).release();
    await answers.until(() => answers.texts().length === 1);
    expect(calls.length).toBe(2);
    (await next(2)).release();
    await once(socket, 'close');
    expect(answers.texts()).toEqual(['released', 'released', 'last', 'really']);
  });

  it('reads no further than a bound while a request is being answered', async () => {
    const { service, next } = gated();
    await using listener = await serve(service);
    const [socket, served] = await bothEnds(listener.address);
    const answers = listenTo(socket);
    const long = 'x'.repeat(10_000);
    socket.write(waitCall());
    const { release } = await next(1);
    for (let i = 0; i < 1_000; i += 1) socket.write(echoCall(long));
    while (!served.isPaused()) await new Promise(setImmediate);
    expect(served.bytesRead).toBeLessThan(262_144);
    release();
    await answers.until(() => answers.texts().length === 1_001);
    expect(answers.statuses().every((status) => status === 200)).toBe(true);
    socket.destroy();
  });

  it.each([
    ['a request for something else', requestText({ method: 'GET', path: '/health' })],
    ['a body in chunks', chunked(echoCall('chunks'))],
    ['a head that is long', echoCall('long', { 'x-long': 'y'.repeat(20_000) })],
    ['a body that is long and comes in pieces', echoCall('z'.repeat(300_000))],
  ])('goes over to node:http with %s, and loses nothing', async (_, foreign) => {
    await using listener = await serve(undefined, { fallback: (_, response) => response.end('{"text":"other"}') });
    using seen = nodeRequests();
    const socket = await socketTo(portOf(listener));
    const answers = listenTo(socket);
    socket.write(echoCall('before'));
    await answers.until(() => answers.texts().length === 1);
    expect(seen.count).toBe(0);
    socket.write(foreign.slice(0, 100));
    await new Promise(setImmediate);
    socket.write(foreign.slice(100));
    await answers.until(() => answers.texts().length === 2);
    socket.write(echoCall('after'));
    await answers.until(() => answers.texts().length === 3);
    expect(answers.statuses()).toEqual([200, 200, 200]);
    expect(answers.texts().at(-1)).toBe('after');
    expect(seen.count).toBe(2);
    socket.destroy();
  });

  it('takes a body that comes late', async () => {
    await using listener = await serve();
    using seen = nodeRequests();
    const socket = await socketTo(portOf(listener));
    const answers = listenTo(socket);
    const request = echoCall('x'.repeat(50_000));
    const head = request.indexOf('{');
    for (const piece of [request.slice(0, head), request.slice(head, 30_000), request.slice(30_000)]) {
      await new Promise((resolve) => socket.write(piece, resolve));
      await new Promise(setImmediate);
    }
    await answers.until(() => answers.texts().length === 1);
    expect(seen.count).toBe(0);
    socket.destroy();
  });

  it('answers with events, in chunks, where there is more to say', async () => {
    const { service, next } = gated();
    await using listener = await serve(service);
    using seen = nodeRequests();
    const socket = await socketTo(portOf(listener));
    const answers = listenTo(socket);
    socket.write(waitCall({ accept: 'text/event-stream' }) + echoCall('next'));
    const { call, release } = await next(1);
    await answers.until(() => answers.text.endsWith('Transfer-Encoding: chunked\r\n\r\n'));
    expect(call.signal.aborted).toBe(false);
    release();
    await answers.until(() => answers.texts().length === 2);
    const [, size = '', events = ''] =
      /\r\n\r\n([0-9a-f]+)\r\n(event: [^]*\n\n)\r\n0\r\n\r\nHTTP/.exec(answers.text) ?? [];
    expect(Number.parseInt(size, 16)).toBe(events.length);
    expect(answers.texts()).toEqual(['released', 'next']);
    expect(seen.count).toBe(0);
    socket.destroy();
  });

  it.each([
    ['breaks', (socket: Socket) => socket.resetAndDestroy()],
    ['closes', (socket: Socket) => socket.destroy()],
    ['ends its side of', (socket: Socket) => socket.end()],
  ])('cancels the call of a client that %s the connection', async (_, leave) => {
    const { service, next } = gated();
    await using listener = await serve(service);
    const socket = await socketTo(portOf(listener));
    socket.on('error', () => {});
    socket.write(waitCall());
    const { call } = await next(1);
    const aborted = once(call.signal, 'abort');
    leave(socket);
    await aborted;
    expect(call.signal.reason).toMatchObject({ code: 'CANCELLED' });
  });

  it('does not begin the call of a client that leaves while it is being identified', async () => {
    const asked = Promise.withResolvers<void>();
    const known = Promise.withResolvers<{ principal: string }>();
    const { service, calls } = gated();
    await using listener = await serve(service, {
      identify(headers) {
        if (headers['x-who'] === undefined) return { principal: 'other' };
        asked.resolve();
        return known.promise;
      },
    });
    const [socket, served] = await bothEnds(listener.address);
    socket.write(waitCall({ 'x-who': 'ann' }));
    await asked.promise;
    socket.destroy();
    await once(served, 'close');
    known.resolve({ principal: 'ann' });
    await ask(listener.address, modernRequest('tools/call', { name: 'echo' }));
    expect(calls).toEqual([]);
  });

  it.each([
    ['sends nothing', ''],
    ['sends a head without end', echoCall('x').slice(0, 60)],
    ['sends a head without end after a whole request', echoCall('x') + echoCall('x').slice(0, 60)],
  ])('is closed, with 408, for a client that %s', async (_, text) => {
    await using listener = await serve(undefined, { headersTimeoutMs: 50, checkMs: 20 });
    const socket = await socketTo(portOf(listener));
    socket.write(text);
    const answer = await readAll(socket);
    expect(answer).toMatch(/HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n\r\n$/);
  });

  it('is closed, with 408, for a client that sends its body too slowly', async () => {
    await using listener = await serve(undefined, { headersTimeoutMs: 0, requestTimeoutMs: 50, checkMs: 20 });
    const socket = await socketTo(portOf(listener));
    socket.write(echoCall('x').slice(0, -1));
    expect(await readAll(socket)).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  });

  it('is closed when it has been idle for longer than its client was told, and not while a call is under way', async () => {
    const { service, next } = gated();
    await using listener = await serve(service, { idleSocketMs: 1, checkMs: 20 });
    const [idle, busy] = await Promise.all([socketTo(portOf(listener)), socketTo(portOf(listener))]);
    busy.write(waitCall());
    const { release } = await next(1);
    idle.write(echoCall('x'));
    expect(await readAll(idle)).toMatch(/Keep-Alive: timeout=0\r\n/);
    const answers = listenTo(busy);
    release();
    await answers.until(() => answers.texts().length === 1);
    busy.destroy();
  });

  it('closes with its response while the server drains, and at once where it waits for none', async () => {
    const { service, next } = gated();
    const listener = await serve(service);
    const [idle, busy, streams] = await Promise.all([1, 2, 3].map(() => socketTo(portOf(listener))));
    if (idle === undefined || busy === undefined || streams === undefined) throw new Error('no socket');
    idle.write(echoCall('x'));
    await once(idle, 'data');
    streams.write(waitCall({ accept: 'text/event-stream' }));
    const stream = readAll(streams);
    const first = await next(1);
    busy.write(waitCall());
    const second = await next(2);
    const closed = listener.close({ drainMs: 3_600_000 });
    await once(idle.resume(), 'close');
    const answer = readAll(busy);
    first.release();
    second.release();
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n\r\n[^]*released/);
    expect(await stream).toMatch(/released[^]*\r\n0\r\n\r\n$/);
    await closed;
  });

  it('sends a large result whole', async () => {
    const text = 'é'.repeat(3_000_000);
    await using listener = await serve(() => Promise.resolve(textReply(text)));
    const socket = await socketTo(portOf(listener));
    socket.write(echoCall('x', { connection: 'close' }));
    const answer = Buffer.from(await readAll(socket), 'latin1').toString();
    expect(answer).toContain(`"${text}"`);
  });
});
