import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../../call.ts';
import { ToolyardError } from '../../../errors/toolyard-error.ts';
import { createPipePair } from '../../../memory/pipe-pair.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import { serveLegacy } from './server.ts';
import { type Answer, discovery, done, initialize, type Rig, session } from './testing/old-client.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('the subscription of a session', () => {
  /** Acknowledges every listen call as `honour` says, and keeps it open. */
  function listening(honour: (uris: readonly unknown[]) => readonly unknown[] = (uris) => uris): Answer {
    return async (call) => {
      const uris =
        call.params
          .object('notifications')
          ?.array('resourceSubscriptions')
          ?.map(({ value }) => value) ?? [];
      await call.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: RawObject.of({ notifications: { toolsListChanged: true, resourceSubscriptions: honour(uris) } }),
      });
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)));
    };
  }
  const capabilities = { tools: { listChanged: true }, resources: { subscribe: true } };
  const filters = (rig: Rig): unknown[] => rig.calls.map((call) => call.params.object('notifications')?.value);
  const lists = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

  it('is opened once the client is ready, and its events go out in no lane', async () => {
    await using rig = await session(listening(), { capabilities });
    await vi.waitFor(() => expect(filters(rig)).toEqual([lists]));
    await rig.calls[0]?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}}');
    expect(rig.end.lanes.at(-1)).toBeUndefined();
  });

  it('is not opened for a service without anything to tell', async () => {
    await using rig = await session(listening(), { capabilities: { tools: {} } });
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    await rig.end.next();
    expect(rig.calls).toEqual([]);
  });

  it('is replaced when resources change: the new one is open before the old one ends', async () => {
    const othersOpen: number[] = [];
    const answer = listening();
    await using rig = await session(
      (call) => {
        othersOpen.push(rig.calls.filter((other) => other !== call && !other.signal.aborted).length);
        return answer(call);
      },
      { capabilities },
    );
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"a:1"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
    expect(othersOpen).toEqual([0, 1]);
    expect(rig.calls[0]?.signal.aborted).toBe(true);
    await rig.calls[1]?.notify({ method: 'notifications/resources/updated', params: RawObject.of({ uri: 'a:1' }) });
    expect(await rig.end.next()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:1"}}',
    );
    await rig.calls[0]?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty });
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"resources/unsubscribe","params":{"uri":"a:1"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
    expect(filters(rig)).toEqual([lists, { ...lists, resourceSubscriptions: ['a:1'] }, lists]);
    expect(rig.calls.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  });

  it('is opened once for changes that come together', async () => {
    await using rig = await session(listening(), { capabilities });
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    for (let id = 1; id <= 5; id++)
      rig.end.send(`{"jsonrpc":"2.0","id":${id},"method":"resources/subscribe","params":{"uri":"a:${id}"}}`);
    for (let id = 1; id <= 5; id++) await rig.end.next();
    expect(rig.calls.length).toBeLessThanOrEqual(3);
    expect(filters(rig).at(-1)).toEqual({ ...lists, resourceSubscriptions: ['a:1', 'a:2', 'a:3', 'a:4', 'a:5'] });
  });

  it('refuses resources that the service does not watch, and more than it may', async () => {
    await using rig = await session(
      listening((uris) => uris.filter((uri) => uri !== 'a:no')),
      { capabilities, maxSubscriptions: 1 },
    );
    rig.end.send('{"jsonrpc":"2.0","id":1,"method":"resources/subscribe","params":{"uri":"a:no"}}');
    expect(await rig.end.next()).toContain('"id":1,"error":{"code":-32602');
    rig.end.send('{"jsonrpc":"2.0","id":2,"method":"resources/subscribe","params":{"uri":"a:1"}}');
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","id":2,"result":{}}');
    rig.end.send('{"jsonrpc":"2.0","id":3,"method":"resources/subscribe","params":{"uri":"a:2"}}');
    expect(await rig.end.next()).toContain('may watch 1 resources');
    rig.end.send('{"jsonrpc":"2.0","id":4,"method":"resources/subscribe","params":{}}');
    expect(await rig.end.next()).toContain('"id":4,"error":{"code":-32602');
  });

  it('is opened again when it ends by itself, and the client is told to read anew', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const ends: (() => void)[] = [];
    await using rig = await session(
      async (call) => {
        await call.notify({
          method: 'notifications/subscriptions/acknowledged',
          params: RawObject.of({ notifications: { toolsListChanged: true } }),
        });
        return new Promise((resolve) => ends.push(() => resolve(done())));
      },
      { capabilities },
    );
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    ends[0]?.();
    await vi.advanceTimersByTimeAsync(999);
    expect(rig.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(rig.calls).toHaveLength(2);
    expect(await rig.end.next()).toBe('{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}}');
  });

  it('drops events that the client does not read, and tells it to read anew when it does', async () => {
    const [near, far] = createPipePair({ highWaterBytes: 10 });
    const seen: string[] = [];
    let unread: PromiseWithResolvers<void> | undefined;
    far.start({
      message(bytes) {
        seen.push(new TextDecoder().decode(bytes));
        return unread?.promise;
      },
      closed() {},
    });
    const listens: Call[] = [];
    const answer = listening();
    await using serving = serveLegacy(
      near,
      (call) => {
        if (call.method === 'server/discover') return Promise.resolve(discovery(capabilities));
        listens.push(call);
        return answer(call);
      },
      { serverInfo: { name: 't', version: '1' }, maxPendingBytes: 500 },
    );
    const send = (message: string): Promise<void> => far.send(new TextEncoder().encode(message));
    await send(initialize());
    await send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await vi.waitFor(() => expect(listens).toHaveLength(1));
    unread = Promise.withResolvers();
    const told = Array.from({ length: 100 }, async () =>
      listens[0]?.notify({ method: 'notifications/tools/list_changed', params: RawObject.empty }),
    );
    unread.resolve();
    unread = undefined;
    await Promise.all(told);
    const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}}';
    // Seven fill the bound, the rest is dropped, and one stands for all that were.
    await vi.waitFor(() => expect(seen.filter((message) => message === changed)).toHaveLength(8));
    expect(serving).toBeDefined();
  });

  it('is not opened again for a service that knows no subscriptions', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const refusal = new ToolyardError('METHOD_UNKNOWN', { method: 'subscriptions/listen' }, 'No.');
    await using rig = await session(() => Promise.reject(refusal), { capabilities });
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(rig.calls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with the session', async () => {
    const rig = await session(listening(), { capabilities });
    await vi.waitFor(() => expect(rig.calls).toHaveLength(1));
    await rig.end.close();
    await vi.waitFor(() => expect(rig.calls[0]?.signal.aborted).toBe(true));
  });
});
