import type { CacheEntry, CacheInvalidation, CacheKey, CacheStore, KeptEntry } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { CacheStoreRig } from '../cache/rig.ts';

interface Held extends CacheEntry {
  readonly key: CacheKey;
  readonly madeMs: number;
}

/** The reference: a list of all that was written and one of all that was dropped, and a look at each. */
function mapStore(now: () => number): CacheStore {
  let held: readonly Held[] = [];
  const dropped: CacheInvalidation[] = [];
  let [hits, misses, closed] = [0, 0, false];
  const open = (): void => {
    if (closed) throw new ToolyardError('CLOSED', { what: 'cache' }, 'The cache is closed.');
  };
  const stampOf = (key: CacheKey): string => String(dropped.findLastIndex((what) => concerns(what, key)));
  const ages = ({ freshMs, staleMs, madeMs }: Held): boolean => now() - madeMs < freshMs + staleMs;
  const close = async (): Promise<void> => {
    closed = true;
  };
  return {
    contract: 'cache-store/1',
    async read(key) {
      open();
      const newest = held.findLast((one) => ages(one) && isFor(one, key));
      const entry: KeptEntry | undefined = newest && { ...newest, ageMs: now() - newest.madeMs };
      if (entry !== undefined && entry.ageMs < entry.freshMs) hits += 1;
      else misses += 1;
      return { entry, stamp: stampOf(key) };
    },
    async write(key, entry, stamp) {
      open();
      if (entry.freshMs > 0 && stamp === stampOf(key)) held = [...held, { ...entry, key, madeMs: now() }];
    },
    async invalidate(what) {
      open();
      dropped.push(what);
      held = held.filter(
        ({ key, shared }) => !concerns(what, key) && !('key' in what && shared && isFor({ key, shared }, what.key)),
      );
    },
    async cleanupExpired() {
      open();
      const before = held.length;
      held = held.filter(ages);
      return before - held.length;
    },
    stats() {
      const requests = hits + misses;
      return {
        hits,
        misses,
        requests,
        hitRate: hits / (requests || 1),
        evictions: 0,
        entries: held.length,
        bytes: undefined,
      };
    },
    listen: () => () => {},
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isFor({ key, shared }: Pick<Held, 'key' | 'shared'>, asked: CacheKey): boolean {
  const same = (names: readonly (keyof CacheKey)[]): boolean => names.every((name) => key[name] === asked[name]);
  return same(['tenant', 'server', 'topic', 'request']) && (shared || key.principal === asked.principal);
}

function concerns(what: CacheInvalidation, key: CacheKey): boolean {
  if ('all' in what) return true;
  if ('key' in what) return isFor({ key: what.key, shared: false }, key);
  return what.server === key.server && (what.topics?.includes(key.topic) ?? true);
}

/** `alter` makes another store out of it. */
export function mapRig(alter: (store: CacheStore) => Partial<CacheStore> = () => ({})): CacheStoreRig {
  let nowMs = 1_000;
  const real = mapStore(() => nowMs);
  const store = { ...real, ...alter(real) };
  return {
    store,
    advance: async (ms) => void (nowMs += ms),
    [Symbol.asyncDispose]: () => store.close(),
  };
}
