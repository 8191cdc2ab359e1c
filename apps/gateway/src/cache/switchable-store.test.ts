import { memoryStore } from '@toolyard/cache';
import { type CacheStoreEvent, RawObject } from '@toolyard/protocol';
import { expect, it } from 'vitest';

import { switchableStore } from './switchable-store.ts';

const key = { tenant: 't', principal: 'p', server: 's', topic: 'tools/list', request: 'r' };
const entry = { result: RawObject.of({ a: 1 }), freshMs: 60_000, staleMs: 0, shared: false };

it('keeps, finds and drops like the store behind it', async () => {
  await using store = switchableStore(memoryStore());
  const { stamp } = await store.read(key);
  await store.write(key, entry, stamp);
  expect((await store.read(key)).entry?.result.text).toBe('{"a":1}');
  const late = (await store.read(key)).stamp;
  await store.invalidate({ server: 's' });
  await store.write(key, entry, late);
  expect((await store.read(key)).entry).toBeUndefined();
  expect(store.stats()).toMatchObject({ entries: 0 });
});

it('forgets with the store before, closes it, and takes nothing that was asked for under it', async () => {
  const first = memoryStore();
  await using store = switchableStore(first);
  const { stamp } = await store.read(key);
  await store.write(key, entry, stamp);
  store.switchTo(memoryStore());
  await expect(first.read(key)).rejects.toMatchObject({ code: 'CLOSED' });
  const found = await store.read(key);
  expect(found.entry).toBeUndefined();
  await store.write(key, entry, stamp);
  expect((await store.read(key)).entry).toBeUndefined();
  await store.write(key, entry, found.stamp);
  expect((await store.read(key)).entry).toBeDefined();
});

it('tells what the store of the moment tells, and not what those before do', async () => {
  const telling = () => {
    const listeners = new Set<(event: CacheStoreEvent) => void>();
    const listen = (listener: (event: CacheStoreEvent) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    };
    return { store: { ...memoryStore(), listen }, tell: () => listeners.forEach((each) => each({ type: 'up' })) };
  };
  const [first, second] = [telling(), telling()];
  await using store = switchableStore(first.store);
  const heard: string[] = [];
  const stop = store.listen(({ type }) => heard.push(type));
  first.tell();
  store.switchTo(second.store);
  first.tell();
  second.tell();
  expect(heard).toEqual(['up', 'up']);
  stop();
  second.tell();
  expect(heard).toHaveLength(2);
});
