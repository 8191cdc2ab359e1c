import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { serviceOf, textReply } from '../testing/calls.ts';
import { bothEnds, converse, nextAccepted, requestText } from '../testing/conversation.ts';
import { echo, serve } from '../testing/listeners.ts';
import { ask, messagesIn, modernRequest, socketTo } from '../testing/raw-http.ts';

const echoCall = modernRequest('tools/call', { name: 'echo', arguments: { text: 'hi' } });

/** A socket that has carried one call, and what comes on it after that. */
async function keptOpen(port: number) {
  const socket = await socketTo(port);
  const body = JSON.stringify(echoCall.body);
  const fields = Object.entries({ host: 'localhost', ...echoCall.headers, 'content-length': body.length });
  const request = `POST /mcp HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  socket.write(request);
  await once(socket, 'data');
  expect(said).toMatch(/^HTTP\/1\.1 200 /);
  said = '';
  return { socket, request, said: () => said };
}

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

  it('refuses what names two hosts, wherever it is for', async () => {
    await using listener = await serve(undefined, { fallback: (_, response) => response.end('health') });
    for (const path of ['/mcp', '/health']) {
      const text = requestText({ path, headers: { Host: 'localhost' }, body: echoCall.body });
      const [head = '', body = ''] = (await converse(Number(new URL(listener.address).port), [text])).split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 400 [^]*\r\nconnection: close/);
      expect(JSON.parse(body)).toMatchObject({ error: { data: { code: 'HEADER_MISMATCH', header: 'Host' } } });
    }
  });

  it('waits for calls in flight while it drains; whoever asks meanwhile is told so, and what is beside it goes on', async () => {
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
      { fallback: (_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('health') },
    );
    const slow = ask(listener.address, modernRequest('tools/call', { name: 'slow' }));
    await started.promise;
    const closed = listener.close({ drainMs: 60_000 });
    const initialize = { body: { jsonrpc: '2.0', id: 2, method: 'initialize', params: {} } };
    // The last two are answered by `node:http`.
    const others = [echoCall, { ...echoCall, ...initialize }, { ...echoCall, path: '/mcp?x' }, { method: 'GET' }];
    for (const request of others) {
      const refused = await ask(listener.address, request);
      expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1', connection: 'close' } });
      expect(refused.json.error).toMatchObject({ data: { code: 'CLOSED' } });
    }
    const health = await ask(listener.address, { method: 'GET', path: '/health' });
    expect(health).toMatchObject({ status: 200, body: 'health', headers: { connection: 'close' } });
    release.resolve();
    expect((await slow).json.result).toMatchObject({ content: [{ text: 'in time' }] });
    await closed;
    await expect(ask(listener.address, echoCall)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await listener.close();
    expect(await listener.closed).toBeUndefined();
  });

  it('refuses what was sent when it began to close, says when to come again, and closes idle sockets at once', async () => {
    const release = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const listener = await serve(
      serviceOf({
        async slow() {
          started.resolve();
          await release.promise;
          return textReply('in time');
        },
        echo,
      }),
    );
    const port = Number(new URL(listener.address).port);
    const slow = ask(listener.address, modernRequest('tools/call', { name: 'slow' }));
    await started.promise;
    const asking = await keptOpen(port);
    const idle = await keptOpen(port);
    asking.socket.write(asking.request);
    const closed = listener.close({ drainMs: 60_000 });
    await Promise.all([once(asking.socket, 'close'), once(idle.socket, 'close')]);
    const [head = '', body = ''] = asking.said().split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    expect(head).toMatch(/^retry-after: 1$/im);
    expect(head).toMatch(/^connection: close$/im);
    expect(JSON.parse(body)).toMatchObject({ id: 1, error: { data: { code: 'CLOSED' } } });
    expect(idle.said()).toBe('');
    release.resolve();
    expect((await slow).status).toBe(200);
    await closed;
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
