import { type Call, RawObject, type Service } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { discovery, serviceOf, textReply } from '../testing/calls.ts';
import { openSession, stand, toolRequest } from '../testing/legacy-session.ts';
import { echo, serve } from '../testing/listeners.ts';
import { ask, messagesIn, socketTo } from '../testing/raw-http.ts';

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
    const inside = await openSession(listener.address);
    const controller = new AbortController();
    const gone = fetch(listener.address, {
      method: 'POST',
      headers: inside,
      body: JSON.stringify(toolRequest('slow')),
      signal: controller.signal,
    }).catch(() => 'gone');
    await started.promise;
    controller.abort();
    expect(await gone).toBe('gone');
    expect((await ask(listener.address, { headers: inside, body: toolRequest('echo', 3) })).status).toBe(200);
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
    const inside = await openSession(listener.address);
    const answer = ask(listener.address, { headers: inside, body: toolRequest('slow', 'x') });
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
    const inside = await openSession(listener.address);
    const socket = await socketTo(Number(new URL(listener.address).port));
    socket.on('error', () => {});
    socket.pause();
    const body = JSON.stringify(toolRequest('flood', 9, { _meta: { progressToken: 1 } }));
    const head = Object.entries({ host: 'localhost', ...inside, 'content-length': String(body.length) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    await aborted.promise;
    expect(sent).toBeLessThan(5_000);
    expect((await ask(listener.address, { headers: inside, body: toolRequest('echo', 10) })).status).toBe(200);
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
    const inside = await openSession(listener.address);
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
    const inside = await openSession(listener.address);
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
    const stream = await stand(listener.address, await openSession(listener.address));
    expect(await stream.until(':\n\n:\n\n')).toContain(':\n\n');
    stream.leave();
  });

  it('needs a client that takes events', async () => {
    await using listener = await serve();
    const inside = await openSession(listener.address);
    expect(
      (await ask(listener.address, { method: 'GET', headers: { ...inside, accept: 'application/json' } })).status,
    ).toBe(406);
  });
});
