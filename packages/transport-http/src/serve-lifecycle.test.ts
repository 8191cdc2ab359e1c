import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { serviceOf, textReply } from './testing/calls.ts';
import { bothEnds, nextAccepted } from './testing/conversation.ts';
import { echo, serve } from './testing/listeners.ts';
import { ask, messagesIn, modernRequest, socketTo } from './testing/raw-http.ts';

const echoCall = modernRequest('tools/call', { name: 'echo', arguments: { text: 'hi' } });

describe('the endpoint', () => {
  it('keeps a silent call alive: it becomes a stream with comments', async () => {
    const release = Promise.withResolvers<void>();
    await using listener = await serve(
      serviceOf({
        async slow() {
          await release.promise;
          return textReply('at last');
        },
      }),
      { keepAliveMs: 20 },
    );
    const request = modernRequest('tools/call', { name: 'slow' });
    const response = await fetch(listener.address, {
      method: 'POST',
      headers: request.headers ?? {},
      body: JSON.stringify(request.body),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(':\n\n:\n\n')) text += (await reader?.read())?.value ?? '';
    release.resolve();
    for (;;) {
      const part = await reader?.read();
      if (part === undefined || part.done) break;
      text += part.value;
    }
    expect(messagesIn(text)).toMatchObject([{ id: 1, result: { content: [{ type: 'text', text: 'at last' }] } }]);
  });

  it('bounds the calls of one caller, and of no other', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    await using listener = await serve(
      serviceOf({
        async slow() {
          started.resolve();
          await release.promise;
          return textReply('slow');
        },
        echo,
      }),
      { maxInFlight: 1, identify: (headers) => ({ principal: String(headers['x-who']) }) },
    );
    const slow = ask(listener.address, modernRequest('tools/call', { name: 'slow' }, { 'x-who': 'ann' }));
    await started.promise;
    expect(
      (await ask(listener.address, modernRequest('tools/call', { name: 'echo' }, { 'x-who': 'ann' }))).status,
    ).toBe(429);
    expect(
      (await ask(listener.address, modernRequest('tools/call', { name: 'echo' }, { 'x-who': 'bob' }))).status,
    ).toBe(200);
    release.resolve();
    expect((await slow).status).toBe(200);
    expect(
      (await ask(listener.address, modernRequest('tools/call', { name: 'echo' }, { 'x-who': 'ann' }))).status,
    ).toBe(200);
  });

  it('asks who it is, and sends a challenge where that is not known', async () => {
    let seen: string[] = [];
    await using listener = await serve(
      async (call) => {
        seen = [call.caller.principal, call.caller.tenant];
        return textReply('x');
      },
      {
        async identify(headers) {
          if (headers.authorization !== 'Bearer good')
            throw new ToolyardError('UNAUTHENTICATED', { reason: 'no token' }, 'No token.');
          return { principal: 'ann', tenant: 'acme' };
        },
      },
    );
    const refused = await ask(listener.address, echoCall);
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect(
      (await ask(listener.address, { ...echoCall, headers: { ...echoCall.headers, authorization: 'Bearer good' } }))
        .status,
    ).toBe(200);
    expect(seen).toEqual(['ann', 'acme']);
  });

  it('leaves other paths to the fallback, after the check of the host', async () => {
    await using listener = await serve(undefined, { fallback: (_, response) => response.end('health') });
    expect((await ask(listener.address, { method: 'GET', path: '/health' })).body).toBe('health');
    expect(
      (await ask(listener.address, { method: 'GET', path: '/health', headers: { host: 'evil.example.com' } })).status,
    ).toBe(403);
  });

  it('waits for calls in flight while it drains, and takes no new ones', async () => {
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
    const slow = ask(listener.address, modernRequest('tools/call', { name: 'slow' }));
    await started.promise;
    const closed = listener.close({ drainMs: 60_000 });
    await expect(ask(listener.address, echoCall)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    release.resolve();
    expect((await slow).json.result).toMatchObject({ content: [{ text: 'in time' }] });
    await closed;
    await listener.close();
    expect(await listener.closed).toBeUndefined();
  });

  it('aborts calls that are not done in time, and tells their callers', async () => {
    const started = Promise.withResolvers<Call>();
    const listener = await serve((call) => {
      started.resolve(call);
      return new Promise(() => {});
    });
    const answer = ask(listener.address, echoCall);
    const call = await started.promise;
    await listener.close();
    expect(call.signal.aborted).toBe(true);
    expect((await answer).json.error).toMatchObject({ data: { code: 'CLOSED' } });
  });

  it('is hurried by a second close', async () => {
    const started = Promise.withResolvers<void>();
    const listener = await serve(() => {
      started.resolve();
      return new Promise(() => {});
    });
    const answer = ask(listener.address, echoCall);
    await started.promise;
    const closed = listener.close({ drainMs: 3_600_000 });
    await listener.close({ drainMs: 0 });
    await closed;
    expect((await answer).status).toBe(503);
  });

  it('cuts off who sends headers forever', async () => {
    await using listener = await serve(undefined, { headersTimeoutMs: 50, checkMs: 20 });
    const socket = await socketTo(Number(new URL(listener.address).port));
    socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\nx-a: ');
    socket.resume();
    await once(socket, 'close');
  });

  it('cuts off who never reads an answer', async () => {
    await using listener = await serve(() => Promise.resolve(textReply('x'.repeat(20_000_000))), { stallMs: 100 });
    const [socket, served] = await bothEnds(listener.address);
    socket.on('error', () => {});
    socket.pause();
    const body = JSON.stringify(echoCall.body);
    const head = Object.entries({ host: 'localhost', ...echoCall.headers, 'content-length': String(body.length) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    await once(served, 'close');
    // What the kernel has taken over may still be read: the end comes before the whole answer.
    const closed = once(socket, 'close');
    let read = 0;
    socket.on('data', (chunk: Buffer) => (read += chunk.length));
    socket.resume();
    await closed;
    expect(read).toBeLessThan(20_000_000);
  });

  it('gives a slow reader its whole answer', async () => {
    const stallMs = 1_000;
    await using listener = await serve(() => Promise.resolve(textReply('x'.repeat(20_000_000))), { stallMs });
    const accepted = nextAccepted();
    const response = await fetch(listener.address, {
      method: 'POST',
      headers: echoCall.headers ?? {},
      body: JSON.stringify(echoCall.body),
    });
    const beganMs = performance.now();
    let read = 0;
    let slow = true;
    for await (const chunk of response.body ?? []) {
      read += chunk.length;
      if (!slow) continue;
      // How long it takes is the stimulus: each pause is far shorter than the one that would cut it off, and all of them together are longer.
      await delay(20);
      slow = performance.now() - beganMs < 1.5 * stallMs;
      if (!slow) expect((await accepted).writableLength).toBeGreaterThan(0);
    }
    expect(slow).toBe(false);
    expect(read).toBeGreaterThan(20_000_000);
  });

  it('closes sockets beyond its bound', async () => {
    await using listener = await serve(undefined, { maxSockets: 1 });
    const port = Number(new URL(listener.address).port);
    const first = await socketTo(port);
    const second = await socketTo(port);
    second.resume();
    second.on('error', () => {});
    await once(second, 'close');
    first.destroy();
  });

  it('says so when the port is taken', async () => {
    await using listener = await serve();
    await expect(serve(undefined, { port: Number(new URL(listener.address).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
