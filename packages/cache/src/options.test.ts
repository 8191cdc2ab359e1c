import { expect, it } from 'vitest';
import { layeredStore } from './layered/layered-store.ts';
import { memoryStore } from './memory/memory-store.ts';
import { cached } from './middleware/cached.ts';
import { redisStore } from './redis/redis-store.ts';

const url = 'redis://127.0.0.1:1';
const refused = expect.objectContaining({ code: 'CONFIG_INVALID' }) as unknown;

it.each([{ maxEntries: 0 }, { maxBytes: Infinity }, { maxEntryBytes: Number.NaN }])(
  'a cache in memory refuses %o, also over another',
  (options) => {
    expect(() => memoryStore(options)).toThrow(refused);
    expect(() => layeredStore({ redis: { url }, memory: options })).toThrow(refused);
  },
);

it.each([
  { commandTimeoutMs: 0 },
  { heartbeatMs: 0 },
  { heartbeatMs: 3e9 },
  { maxEntryBytes: 0 },
  { maxPendingDrops: -1 },
  { backoff: { firstDelayMs: -1 } },
  { backoff: { maxDelayMs: Number.NaN } },
])('a cache in Redis refuses %o', (options) => {
  expect(() => redisStore({ url, ...options })).toThrow(refused);
});

it.each([
  { defaultTtlMs: -1 },
  { maxTtlMs: Number.NaN },
  { revalidateTimeoutMs: Infinity },
  { maxWaiting: 0 },
  { retryMs: -1 },
])('what answers from a cache refuses %o', (options) => {
  const store = memoryStore();
  expect(() => cached({ server: 'files', store, ...options })(() => Promise.reject(new Error('unused')))).toThrow(
    refused,
  );
});
