import type { CacheEntry, CacheKey, CacheStore, ErrorCode } from '@toolyard/protocol';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import { expect } from 'vitest';

export const baseKey: CacheKey = {
  tenant: 'acme',
  principal: 'ann',
  server: 'files',
  topic: 'tools/list',
  request: 'r1',
};

export function keyOf(changes: Partial<CacheKey> = {}): CacheKey {
  return { ...baseKey, ...changes };
}

export function entryOf(text: string, changes: Partial<CacheEntry> = {}): CacheEntry {
  return { result: RawObject.of({ text }), freshMs: 60_000, staleMs: 0, shared: false, ...changes };
}

/** Keeps an answer as one does: a read first, for the stamp. */
export async function put(store: CacheStore, key: CacheKey, entry: CacheEntry): Promise<void> {
  const { stamp } = await store.read(key);
  await store.write(key, entry, stamp);
}

/** What the answer under a key says. */
export async function textAt(store: CacheStore, key: CacheKey): Promise<string | undefined> {
  return (await store.read(key)).entry?.result.string('text');
}

export async function expectCode(code: ErrorCode, act: () => Promise<unknown>): Promise<void> {
  const thrown: unknown = await act().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(ToolyardError.is(thrown) ? thrown.code : thrown).toBe(code);
}
