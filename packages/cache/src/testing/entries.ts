import { type CacheEntry, type CacheKey, type CacheStore, RawObject } from '@toolyard/protocol';

export function keyOf(changes: Partial<CacheKey> = {}): CacheKey {
  return { tenant: 'acme', principal: 'ann', server: 'files', topic: 'tools/list', request: 'r', ...changes };
}

/** Keeps a text under a key, for a minute unless told otherwise. */
export async function put(
  store: CacheStore,
  key: CacheKey,
  text: string,
  changes: Partial<CacheEntry> = {},
): Promise<void> {
  const { stamp } = await store.read(key);
  const entry = { result: RawObject.of({ text }), freshMs: 60_000, staleMs: 0, shared: false, ...changes };
  await store.write(key, entry, stamp);
}

export async function textAt(store: CacheStore, key: CacheKey): Promise<string | undefined> {
  return (await store.read(key)).entry?.result.string('text');
}
