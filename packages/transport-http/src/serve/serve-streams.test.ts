import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { textReply } from '../testing/calls.ts';
import { serve } from '../testing/listeners.ts';
import { ask, messagesIn, modernMeta, modernRequest, socketTo } from '../testing/raw-http.ts';

const echoCall = modernRequest('tools/call', { name: 'echo', arguments: { text: 'hi' } });

describe('a subscription', () => {
  const listen = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } });

  it('carries its id on every event and on its result', async () => {
    await using listener = await serve(async (call) => {
      await call.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: RawObject.of({ notifications: { toolsListChanged: true } }),
      });
      await call.notify({ method: 'notifications/tools/list_changed', params: RawObject.of({}) });
      return { result: RawObject.of({ resultType: 'complete' }) };
    });
    const answer = await ask(listener.address, listen);
    const messages = messagesIn(answer.body);
    expect(messages.map((message) => message.method ?? 'result')).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
      'result',
    ]);
    for (const { params, result } of messages) {
      expect(params ?? result).toMatchObject({ _meta: { 'io.modelcontextprotocol/subscriptionId': 1 } });
    }
  });

  it('ends with a result when the endpoint closes', async () => {
    const listening = Promise.withResolvers<void>();
    const listener = await serve(async (call) => {
      await call.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: RawObject.of({ notifications: {} }),
      });
      listening.resolve();
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    const answer = ask(listener.address, listen);
    await listening.promise;
    await listener.close({ drainMs: 60_000 });
    expect(messagesIn((await answer).body).at(-1)).toMatchObject({
      id: 1,
      result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': 1 } },
    });
  });
});

describe('a client that is gone', () => {
  it('has cancelled its call', async () => {
    const aborted = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<void>();
    await using listener = await serve((call) => {
      started.resolve();
      return new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => {
          aborted.resolve(call.signal.reason);
          reject(new Error('aborted'));
        });
      });
    });
    const socket = await socketTo(Number(new URL(listener.address).port));
    const body = JSON.stringify(echoCall.body);
    const head = Object.entries({ host: 'localhost', ...echoCall.headers, 'content-length': String(body.length) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    await started.promise;
    socket.destroy();
    expect(await aborted.promise).toMatchObject({ code: 'CANCELLED' });
  });

  it('or reads too slowly has its call aborted before more than the bound is held for it', async () => {
    const aborted = Promise.withResolvers<unknown>();
    let sent = 0;
    await using listener = await serve(
      async (call) => {
        call.signal.addEventListener('abort', () => aborted.resolve(call.signal.reason));
        const params = RawObject.of({ progressToken: 1, progress: 1, message: 'x'.repeat(50_000) });
        while (!call.signal.aborted && sent < 10_000) {
          // Nobody waits here, as a service that cannot.
          void call.notify({ method: 'notifications/progress', params });
          sent += 1;
          await new Promise(setImmediate);
        }
        throw new Error('aborted');
      },
      { maxPendingBytes: 200_000 },
    );
    const socket = await socketTo(Number(new URL(listener.address).port));
    socket.on('error', () => {});
    socket.pause();
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'echo', _meta: { ...modernMeta, progressToken: 1 } },
    });
    const head = Object.entries({ host: 'localhost', ...echoCall.headers, 'content-length': String(body.length) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`POST /mcp HTTP/1.1\r\n${head.join('')}\r\n${body}`);
    expect(await aborted.promise).toMatchObject({ code: 'CALLER_TOO_SLOW', facts: { limitBytes: 200_000 } });
    expect(sent).toBeLessThan(10_000);
    socket.destroy();
  });

  it('keeps a service waiting that awaits its notifications', async () => {
    const finished = Promise.withResolvers<number>();
    await using listener = await serve(async (call) => {
      const params = RawObject.of({ progressToken: 1, progress: 1, message: 'x'.repeat(50_000) });
      let sent = 0;
      for (; sent < 400 && !call.signal.aborted; sent += 1)
        await call.notify({ method: 'notifications/progress', params });
      finished.resolve(sent);
      return textReply('all');
    });
    const answer = await ask(listener.address, {
      ...echoCall,
      body: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'echo', _meta: { ...modernMeta, progressToken: 1 } },
      },
    });
    expect(await finished.promise).toBe(400);
    expect(messagesIn(answer.body)).toHaveLength(401);
  });
});
