import {
  type CacheStore,
  type Call,
  createCall,
  type Notification,
  RawObject,
  ToolyardError,
} from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../memory/memory-store.ts';
import { listCall, numbered, reply, toolIn, upstream } from '../testing/upstream.ts';
import { cached } from './cached.ts';
import type { CachedEvent } from './options.ts';

/** A server that counts what it answers, and tells through `tell` what its listeners are to hear. */
function rig(store: CacheStore = memoryStore()) {
  const listeners: Call[] = [];
  const server = upstream((call, count) => {
    if (call.method !== 'subscriptions/listen') return numbered({ ttlMs: 60_000, cacheScope: 'public' })(call, count);
    listeners.push(call);
    return new Promise(() => {});
  });
  const events: CachedEvent[] = [];
  const service = cached({
    server: 'files',
    store,
    toolTtlMs: () => 60_000,
    onEvent: (event) => void events.push(event),
  })(server.service);
  const tell = (method: string, params: Readonly<Record<string, unknown>> = {}): Promise<void> =>
    listeners[0]?.notify({ method, params: RawObject.of(params) }) ?? Promise.resolve();
  return { service, server, events, store, tell };
}

const read = (uri: string): Call => createCall('resources/read', { params: { uri } });

describe('what a server tells its listeners', () => {
  it('drops what it makes old before they hear of it', async () => {
    const { service, tell } = rig();
    const seen: unknown[] = [];
    const notify = async ({ method }: Notification): Promise<void> => {
      seen.push(method, toolIn(await service(listCall())));
    };
    void service(createCall('subscriptions/listen', { notify }));
    expect(toolIn(await service(listCall()))).toBe('t2');
    await tell('notifications/tools/list_changed');
    expect(seen).toEqual(['notifications/tools/list_changed', 't3']);
  });

  it.each([
    ['notifications/tools/list_changed', {}, ['tools/list', 'tools/call']],
    ['notifications/prompts/list_changed', {}, ['prompts/list']],
    ['notifications/resources/list_changed', {}, ['resources/list', 'resources/templates/list']],
    [
      'notifications/resources/updated',
      { uri: 'file:///a/b' },
      ['resources/read file:///a', 'resources/read file:///a/b'],
    ],
    ['notifications/message', {}, []],
  ])('drops with %s what belongs to it and nothing else', async (method, params, dropped) => {
    const { service, server, tell } = rig();
    void service(createCall('subscriptions/listen'));
    const calls: Readonly<Record<string, Call>> = {
      'server/discover': createCall('server/discover'),
      'tools/list': createCall('tools/list'),
      'tools/call': createCall('tools/call', { params: { name: 'x' } }),
      'prompts/list': createCall('prompts/list'),
      'resources/list': createCall('resources/list'),
      'resources/templates/list': createCall('resources/templates/list'),
      'resources/read file:///a': read('file:///a'),
      'resources/read file:///a/b': read('file:///a/b'),
      'resources/read file:///c': read('file:///c'),
    };
    for (const call of Object.values(calls)) await service(call);
    await tell(method, params);
    const again: string[] = [];
    for (const [name, call] of Object.entries(calls)) {
      const before = server.calls.length;
      await service(call);
      if (server.calls.length > before) again.push(name);
    }
    expect(again).toEqual(dropped);
  });

  it("drops nothing of another server's", async () => {
    const store = memoryStore();
    const { service, tell } = rig(store);
    const other = cached({ server: 'mail', store })(upstream(numbered()).service);
    void service(createCall('subscriptions/listen'));
    await other(listCall());
    await tell('notifications/tools/list_changed');
    expect(toolIn(await other(listCall()))).toBe('t1');
  });
});

describe('a store that fails', () => {
  it('fails no call, and is told of', async () => {
    const broken = new Error('broken');
    const fail = (): Promise<never> => Promise.reject(broken);
    const { service, events, tell } = rig({ ...memoryStore(), read: fail, write: fail, invalidate: fail });
    const heard: string[] = [];
    void service(createCall('subscriptions/listen', { notify: ({ method }) => void heard.push(method) }));
    expect(toolIn(await service(listCall()))).toBe('t2');
    await tell('notifications/tools/list_changed');
    expect(heard).toEqual(['notifications/tools/list_changed']);
    await Promise.resolve();
    expect(events).toEqual([
      { type: 'store-failed', server: 'files', error: broken },
      { type: 'store-failed', server: 'files', error: broken },
    ]);
  });

  it('that only cannot write fails no call either', async () => {
    const { service, events } = rig({ ...memoryStore(), write: () => Promise.reject(new Error('full')) });
    expect(toolIn(await service(listCall()))).toBe('t1');
    expect(toolIn(await service(listCall()))).toBe('t2');
    expect(events.map(({ type }) => type)).toContain('store-failed');
  });

  it('that was closed is passed by', async () => {
    const { service, events, store } = rig();
    await store.close();
    expect(toolIn(await service(listCall()))).toBe('t1');
    const [event] = events;
    expect(event?.type === 'store-failed' && ToolyardError.is(event.error, 'CLOSED')).toBe(true);
  });
});

it('a server of which nothing is kept is not even looked for', async () => {
  const reads: string[] = [];
  const store = memoryStore();
  const counting: CacheStore = { ...store, read: (key) => (reads.push(key.topic), store.read(key)) };
  const service = cached({ server: 'files', store: counting })(async () => reply({ content: [] }));
  await service(createCall('tools/call', { params: { name: 'x' } }));
  await service(createCall('prompts/get', { params: { name: 'x' } }));
  expect(reads).toEqual([]);
});
