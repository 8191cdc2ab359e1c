import { type Call, type Listener, RawObject, type Service } from '@toolyard/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HttpServeOptions } from './options.ts';
import { discovery, serverInfo, serviceOf, textReply } from './testing/calls.ts';
import { ask, messagesIn, type RawAnswer, socketTo } from './testing/raw-http.ts';
import { httpTransport } from './transport.ts';

function serve(service: Service = serviceOf({ echo }), options: Partial<HttpServeOptions> = {}): Promise<Listener> {
  return httpTransport().serve(service, { serverInfo, ...options });
}

function echo(call: Call) {
  return textReply(call.params.object('arguments')?.string('text') ?? '');
}

const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

function initialize(
  address: string,
  more: Record<string, string> = {},
  protocolVersion: unknown = '2025-11-25',
): Promise<RawAnswer> {
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'tester', version: '1' } };
  return ask(address, {
    headers: { ...headers, ...more },
    body: { jsonrpc: '2.0', id: 1, method: 'initialize', params },
  });
}

/** Opens a session and gives the headers of everything in it. */
async function open(address: string, more: Record<string, string> = {}): Promise<Record<string, string>> {
  const answer = await initialize(address, more);
  const id = String(answer.headers['mcp-session-id']);
  const inside = { ...headers, ...more, 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
  const noted = await ask(address, { headers: inside, body: { jsonrpc: '2.0', method: 'notifications/initialized' } });
  expect(noted.status).toBe(202);
  return inside;
}

const call = (name: string, id: unknown = 2, more: Record<string, unknown> = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: { text: 'hi' }, ...more },
});

/** A GET stream that is read as it comes. */
async function stand(address: string, inside: Record<string, string>) {
  const controller = new AbortController();
  const response = await fetch(address, {
    headers: { ...inside, accept: 'text/event-stream' },
    signal: controller.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    status: response.status,
    leave: () => controller.abort(),
    async until(text: string): Promise<string> {
      let seen = '';
      while (!seen.includes(text)) {
        const part = await reader?.read();
        if (part === undefined || part.done) return `${seen}<end>`;
        seen += part.value;
      }
      return seen;
    },
  };
}

describe('a session', () => {
  it('opens with initialize and has an id that cannot be guessed', async () => {
    await using listener = await serve();
    const [first, second] = [await initialize(listener.address), await initialize(listener.address)];
    expect(first.json.result).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'server' },
      capabilities: { tools: {} },
    });
    expect(first.headers['mcp-session-id']).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(second.headers['mcp-session-id']).not.toBe(first.headers['mcp-session-id']);
  });

  it('answers with JSON where there is nothing but the reply', async () => {
    await using listener = await serve();
    const inside = await open(listener.address);
    const answer = await ask(listener.address, { headers: inside, body: call('echo') });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toMatchObject({ id: 2, result: { content: [{ type: 'text', text: 'hi' }] } });
    expect(answer.json.result).not.toHaveProperty('resultType');
  });

  it('answers with events where there is more, each call on its own response', async () => {
    await using listener = await serve(
      serviceOf({
        async steps(given) {
          await given.notify({
            method: 'notifications/progress',
            params: RawObject.of({ progressToken: given.progressToken, progress: 1 }),
          });
          return textReply('done');
        },
      }),
    );
    const inside = await open(listener.address);
    const answers = await Promise.all(
      [2, 3].map((id) =>
        ask(listener.address, { headers: inside, body: call('steps', id, { _meta: { progressToken: `t${id}` } }) }),
      ),
    );
    expect(answers.map(({ body }) => messagesIn(body))).toMatchObject(
      [2, 3].map((id) => [
        { method: 'notifications/progress', params: { progressToken: `t${id}`, progress: 1 } },
        { id, result: {} },
      ]),
    );
  });

  it('ends with DELETE; what comes after gets 404', async () => {
    await using listener = await serve();
    const inside = await open(listener.address);
    expect((await ask(listener.address, { method: 'DELETE', headers: inside })).status).toBe(200);
    expect((await ask(listener.address, { headers: inside, body: call('echo') })).status).toBe(404);
    expect(
      (await ask(listener.address, { method: 'GET', headers: { ...inside, accept: 'text/event-stream' } })).status,
    ).toBe(404);
    expect((await ask(listener.address, { method: 'DELETE', headers: inside })).status).toBe(404);
  });

  it('exists for its principal and tenant only', async () => {
    await using listener = await serve(undefined, {
      identify: (given) => ({ principal: String(given['x-who']), tenant: String(given['x-tenant']) }),
    });
    const inside = await open(listener.address, { 'x-who': 'ann', 'x-tenant': 'acme' });
    const as = async (more: Record<string, string>) =>
      (await ask(listener.address, { headers: { ...inside, ...more }, body: call('echo') })).status;
    expect(await as({})).toBe(200);
    expect(await as({ 'x-who': 'bob' })).toBe(404);
    expect(await as({ 'x-tenant': 'other' })).toBe(404);
    expect((await ask(listener.address, { method: 'DELETE', headers: { ...inside, 'x-who': 'bob' } })).status).toBe(
      404,
    );
    expect(await as({})).toBe(200);
  });

  it('is not opened twice, and outlives the attempt', async () => {
    await using listener = await serve();
    const inside = await open(listener.address);
    const again = await initialize(listener.address, inside);
    expect(again.json.error).toMatchObject({ code: -32600 });
    expect(again.headers['mcp-session-id']).toBeUndefined();
    expect((await ask(listener.address, { headers: inside, body: call('echo') })).status).toBe(200);
  });

  it('is not made where initialize fails', async () => {
    await using listener = await serve(() => Promise.reject(new Error('down')), { maxSessions: 1 });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await initialize(listener.address);
      expect(answer.json.error).toMatchObject({ code: -32603 });
      expect(answer.headers['mcp-session-id']).toBeUndefined();
    }
  });

  it.each([
    ['without its id', { 'mcp-session-id': undefined }, 400],
    ['with an id that never was', { 'mcp-session-id': 'invented' }, 404],
    ['under a revision that is not spoken', { 'mcp-protocol-version': '1999-01-01' }, 400],
  ])('refuses a request %s', async (_, change, status) => {
    await using listener = await serve();
    const inside = await open(listener.address);
    const changed = Object.fromEntries(
      Object.entries({ ...inside, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    expect((await ask(listener.address, { headers: changed, body: call('echo') })).status).toBe(status);
  });

  it('refuses an id that is in flight', async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    await using listener = await serve(
      serviceOf({
        async slow() {
          started.resolve();
          await release.promise;
          return textReply('slow');
        },
      }),
    );
    const inside = await open(listener.address);
    const slow = ask(listener.address, { headers: inside, body: call('slow', 'a') });
    await started.promise;
    expect(
      (
        await ask(listener.address, {
          headers: inside,
          body: JSON.stringify(call('slow', 'a')).replace('"a"', '"\\u0061"'),
        })
      ).status,
    ).toBe(400);
    release.resolve();
    expect((await slow).status).toBe(200);
  });

  it('is bounded in number', async () => {
    await using listener = await serve(undefined, { maxSessions: 2 });
    const inside = await open(listener.address);
    await open(listener.address);
    expect((await initialize(listener.address)).status).toBe(429);
    await ask(listener.address, { method: 'DELETE', headers: inside });
    expect((await initialize(listener.address)).status).toBe(200);
  });

  it('makes room for a new one where it was idle for longest, and for a minute, and no stream is open', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    await using listener = await serve(undefined, { maxSessions: 3 });
    const streaming = await open(listener.address);
    const stream = await stand(listener.address, streaming);
    const idle = await open(listener.address);
    const used = await open(listener.address);
    vi.advanceTimersByTime(30_000);
    expect((await ask(listener.address, { headers: used, body: call('echo') })).status).toBe(200);
    vi.advanceTimersByTime(29_000);
    expect((await initialize(listener.address)).status).toBe(429);
    vi.advanceTimersByTime(2_000);
    expect((await initialize(listener.address)).status).toBe(200);
    expect((await initialize(listener.address)).status).toBe(429);
    expect((await ask(listener.address, { headers: idle, body: call('echo') })).status).toBe(404);
    expect((await ask(listener.address, { headers: used, body: call('echo') })).status).toBe(200);
    expect((await ask(listener.address, { headers: streaming, body: call('echo') })).status).toBe(200);
    stream.leave();
  });

  it('is forgotten after a time in which nothing happened, but not while a stream is open', async () => {
    await using listener = await serve(undefined, { sessionIdleMs: 100 });
    const idle = await open(listener.address);
    const busy = await open(listener.address);
    const stream = await stand(listener.address, busy);
    await expect
      .poll(
        async () =>
          (
            await ask(listener.address, {
              headers: { ...idle, 'mcp-protocol-version': '1999-01-01' },
              body: call('echo'),
            })
          ).status,
      )
      .toBe(404);
    expect((await ask(listener.address, { headers: busy, body: call('echo') })).status).toBe(200);
    stream.leave();
  });

  it('ends when the endpoint closes', async () => {
    const listener = await serve();
    const inside = await open(listener.address);
    const stream = await stand(listener.address, inside);
    await listener.close();
    expect(await stream.until('never')).toContain('<end>');
  });
});

describe('a client that went away', () => {
  it('has not cancelled its call', async () => {
    const started = Promise.withResolvers<Call>();
    const release = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<boolean>();
    await using listener = await serve(
      serviceOf({
        echo,
        async slow(given) {
          started.resolve(given);
          await release.promise;
          finished.resolve(given.signal.aborted);
          return textReply('slow');
        },
      }),
    );
    const inside = await open(listener.address);
    const controller = new AbortController();
    const gone = fetch(listener.address, {
      method: 'POST',
      headers: inside,
      body: JSON.stringify(call('slow')),
      signal: controller.signal,
    }).catch(() => 'gone');
    await started.promise;
    controller.abort();
    expect(await gone).toBe('gone');
    expect((await ask(listener.address, { headers: inside, body: call('echo', 3) })).status).toBe(200);
    release.resolve();
    expect(await finished.promise).toBe(false);
  });

  it('has cancelled it by saying so, which ends the response', async () => {
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    await using listener = await serve((given) => {
      if (given.method !== 'tools/call') return Promise.resolve({ result: discovery });
      started.resolve();
      return new Promise((_, reject) => {
        given.signal.addEventListener('abort', () => {
          aborted.resolve();
          reject(new Error('aborted'));
        });
      });
    });
    const inside = await open(listener.address);
    const answer = ask(listener.address, { headers: inside, body: call('slow', 'x') });
    await started.promise;
    expect(
      (
        await ask(listener.address, {
          headers: inside,
          body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'x' } },
        })
      ).status,
    ).toBe(202);
    await aborted.promise;
    expect(messagesIn((await answer).body)).toEqual([]);
  });
});

describe('a client that reads too slowly', () => {
  it('has its call aborted before more than the bound is held for it, and keeps its session', async () => {
    const aborted = Promise.withResolvers<void>();
    let sent = 0;
    await using listener = await serve(
      serviceOf({
        echo,
        async flood(given) {
          given.signal.addEventListener('abort', () => aborted.resolve());
          for (; !given.signal.aborted && sent < 5_000; sent += 1) {
            const params = RawObject.of({
              progressToken: given.progressToken,
              progress: sent,
              message: 'x'.repeat(50_000),
            });
            // Nobody waits here, as a service that cannot.
            void given.notify({ method: 'notifications/progress', params });
            await new Promise(setImmediate);
          }
          throw new Error('aborted');
        },
      }),
      { maxPendingBytes: 200_000 },
    );
    const inside = await open(listener.address);
    const socket = await socketTo(Number(new URL(listener.address).port));
    socket.on('error', () => {});
    socket.pause();
    const body = JSON.stringify(call('flood', 9, { _meta: { progressToken: 1 } }));
    const head = Object.entries({ host: 'localhost', ...inside, 'content-length': String(body.length) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    await aborted.promise;
    expect(sent).toBeLessThan(5_000);
    expect((await ask(listener.address, { headers: inside, body: call('echo', 10) })).status).toBe(200);
    socket.destroy();
  });
});

describe('the GET stream', () => {
  /** A service whose tool list can be made to change. */
  function changing() {
    let notify: Call['notify'] = async () => {};
    const listening = Promise.withResolvers<void>();
    const service: Service = async (given) => {
      if (given.method !== 'subscriptions/listen') return { result: discovery };
      await given.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: RawObject.of({ notifications: { toolsListChanged: true } }),
      });
      notify = (notification) => given.notify(notification);
      listening.resolve();
      return new Promise((_, reject) => given.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    };
    const change = (): Promise<void> =>
      notify({ method: 'notifications/tools/list_changed', params: RawObject.of({}) });
    return { service, listening: listening.promise, change };
  }

  it('carries what belongs to no request, also what came before it was opened', async () => {
    const { service, listening, change } = changing();
    await using listener = await serve(service);
    const inside = await open(listener.address);
    await listening;
    await change();
    const stream = await stand(listener.address, inside);
    const seen = await stream.until('\n\n');
    expect(seen).toMatch(
      /^id: \w{8}-0-1\nevent: message\ndata: \{"jsonrpc":"2.0","method":"notifications\/tools\/list_changed","params":\{\}\}\n\n/,
    );
    stream.leave();
  });

  it('is replaced by a newer one', async () => {
    const { service, listening, change } = changing();
    await using listener = await serve(service);
    const inside = await open(listener.address);
    await listening;
    const first = await stand(listener.address, inside);
    const second = await stand(listener.address, inside);
    expect(await first.until('never')).toContain('<end>');
    await change();
    expect(await second.until('list_changed')).toContain('list_changed');
    second.leave();
  });

  it('is kept alive while it is silent', async () => {
    await using listener = await serve(undefined, { keepAliveMs: 20 });
    const stream = await stand(listener.address, await open(listener.address));
    expect(await stream.until(':\n\n:\n\n')).toContain(':\n\n');
    stream.leave();
  });

  it('needs a client that takes events', async () => {
    await using listener = await serve();
    const inside = await open(listener.address);
    expect(
      (await ask(listener.address, { method: 'GET', headers: { ...inside, accept: 'application/json' } })).status,
    ).toBe(406);
  });
});
