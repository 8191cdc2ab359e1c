import type { RawObject } from '@toolyard/protocol';
import type { CacheScope } from '../../catalogue/entries/entry.ts';

/** Nobody keeps anything longer than a day because a server said so. */
const maxTtlMs = 86_400_000;

/** The caching hints of a result; what is absent or makes no sense counts as 0 and `private` (spec: server/utilities/caching). */
export function readHints(result: RawObject): { readonly ttlMs: number; readonly cacheScope: CacheScope } {
  const ttlMs = result.member('ttlMs')?.value;
  return {
    ttlMs: typeof ttlMs === 'number' && ttlMs > 0 ? Math.min(maxTtlMs, Math.floor(ttlMs)) : 0,
    cacheScope: result.string('cacheScope') === 'public' ? 'public' : 'private',
  };
}
