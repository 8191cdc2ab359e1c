import { type CacheKey, type CacheStore, RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { MemoryStoreOptions } from './memory-options.ts';
import { memoryStore } from './memory-store.ts';

const key = (request: string): CacheKey => ({ tenant: 't', principal: 'p', server: 's', topic: 'tools/list', request });

async function put(store: CacheStore, request: string, bytes = 20, freshMs = 60_000): Promise<void> {
  const { stamp } = await store.read(key(request));
  const result = RawObject.of({ text: 'x'.repeat(bytes - '{"text":""}'.length) });
  await store.write(key(request), { result, freshMs, staleMs: 0, shared: false }, stamp);
}

async function kept(store: CacheStore, ...requests: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const request of requests) if ((await store.read(key(request))).entry !== undefined) found.push(request);
  return found;
}

function clocked(options: MemoryStoreOptions = {}): { store: CacheStore; pass(ms: number): void } {
  let nowMs = 0;
  return { store: memoryStore({ ...options, now: () => nowMs }), pass: (ms) => void (nowMs += ms) };
}

describe('a store in memory', () => {
  it('has a bound on entries: the one that was used least lately goes, and is counted', async () => {
    const store = memoryStore({ maxEntries: 3 });
    for (const request of ['a', 'b', 'c']) await put(store, request);
    await store.read(key('a'));
    await put(store, 'd');
    expect(await kept(store, 'a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd']);
    expect(store.stats()).toMatchObject({ entries: 3, evictions: 1 });
  });

  it('has a bound on bytes, bookkeeping included', async () => {
    const store = memoryStore({ maxBytes: 3 * (1_000 + 512) });
    for (const request of ['a', 'b', 'c', 'd', 'e']) await put(store, request, 1_000);
    expect(store.stats()).toMatchObject({ entries: 3, bytes: 3 * 1_512, evictions: 2 });
    await put(store, 'f', 2_000);
    expect(store.stats()).toMatchObject({ entries: 2, bytes: 1_512 + 2_512 });
    await store.invalidate({ all: true });
    expect(store.stats()).toMatchObject({ entries: 0, bytes: 0 });
  });

  it('does not keep one that is too large, and not what was there before either', async () => {
    const store = memoryStore({ maxEntryBytes: 1_000 });
    await put(store, 'a', 1_000);
    expect(await kept(store, 'a')).toEqual(['a']);
    await put(store, 'a', 1_001);
    expect(await kept(store, 'a')).toEqual([]);
    expect(store.stats()).toMatchObject({ entries: 0, bytes: 0, evictions: 0 });
  });

  it('keeps the bytes of an answer, not the message they were cut out of', async () => {
    const store = memoryStore();
    const message = Buffer.alloc(1_000_000, 0x20);
    message.write('{"a":1}');
    const { stamp } = await store.read(key('a'));
    const result = new RawObject(message.subarray(0, 7));
    await store.write(key('a'), { result, freshMs: 1_000, staleMs: 0, shared: false }, stamp);
    message.fill(0);
    const { entry } = await store.read(key('a'));
    expect(entry?.result.text).toBe('{"a":1}');
    expect(entry?.result.bytes.buffer.byteLength).toBeLessThan(100_000);
  });

  it('cleans up what is over, and forgets whose it was', async () => {
    const { store, pass } = clocked();
    await put(store, 'a', 20, 100);
    await put(store, 'b', 20, 100);
    await put(store, 'c', 20, 1_000);
    pass(101);
    expect(store.stats().entries).toBe(3);
    expect(await store.cleanupExpired()).toBe(2);
    expect(store.stats()).toMatchObject({ entries: 1, evictions: 0 });
    await store.invalidate({ server: 's', topics: ['tools/list'] });
    expect(store.stats().entries).toBe(0);
  });

  it('does not notice when the date of the machine jumps', async () => {
    const { store, pass } = clocked();
    await put(store, 'a', 20, 1_000);
    const realNow = Date.now;
    try {
      Date.now = () => realNow() + 86_400_000;
      expect(await kept(store, 'a')).toEqual(['a']);
      Date.now = () => 0;
      pass(1_000);
      expect(await kept(store, 'a')).toEqual(['a']);
      pass(1);
      expect(await kept(store, 'a')).toEqual([]);
    } finally {
      Date.now = realNow;
    }
  });

  it('keeps nothing for longer than a week', async () => {
    const { store, pass } = clocked();
    await put(store, 'a', 20, Number.POSITIVE_INFINITY);
    pass(7 * 86_400_000);
    expect(await kept(store, 'a')).toEqual(['a']);
    pass(1);
    expect(await kept(store, 'a')).toEqual([]);
  });
});
