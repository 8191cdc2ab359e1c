import type { CachedOptions } from '@toolyard/cache';
import { cached, layeredStore, memoryStore } from '@toolyard/cache';
import type { Orchestrator, ServerEntry } from '@toolyard/orchestrator';
import type { CacheStats, CacheStore, Middleware } from '@toolyard/protocol';
import type { Configuration } from '@toolyard/registry';

import type { Logger } from '../log/logger.ts';

/** The answers that a gateway keeps, of all its servers. */
export interface GatewayCache extends AsyncDisposable {
  /** Around the service of one server. */
  middleware(server: ServerEntry): Middleware;
  /** Drops what is kept of a server each time that it was connected anew: it may be another. Returns what ends that. */
  follow(orchestrator: Pick<Orchestrator, 'events'>): () => void;
  stats(): CacheStats;
}

/** In memory, or where the configuration names a Redis, in memory over that, shared with all gateways of the same `prefix`. Throws as `layeredStore` does. */
export function createCache(
  { cache = {}, orchestration }: Pick<Configuration, 'cache' | 'orchestration'>,
  log: Logger,
): GatewayCache {
  const { redis, prefix, maxEntries, maxBytes, staleIfErrorMs, staleWhileRevalidateMs } = cache;
  const memory = {
    ...(maxEntries !== undefined && { maxEntries }),
    ...(maxBytes !== undefined && { maxBytes }),
  };
  const store: CacheStore =
    redis === undefined
      ? memoryStore(memory)
      : layeredStore({ redis: { url: redis, ...(prefix !== undefined && { prefix }) }, memory });
  store.listen((event) => {
    if (event.type === 'up') log.info('The cache in Redis answers again.');
    else log.warn({ reason: event.reason }, `The cache in Redis is ${event.type}; memory carries on.`);
  });
  const common: Pick<CachedOptions, 'store' | 'staleIfErrorMs' | 'staleWhileRevalidateMs' | 'onEvent'> = {
    store,
    ...(staleIfErrorMs !== undefined && { staleIfErrorMs }),
    ...(staleWhileRevalidateMs !== undefined && { staleWhileRevalidateMs }),
    onEvent(event) {
      if (event.type === 'stale') log.debug(event, `${event.server} was answered for with what was kept.`);
      else log.debug({ server: event.server, err: event.error }, `Keeping answers of ${event.server}: ${event.type}.`);
    },
  };
  return {
    middleware({ id, cache: rules = {} }) {
      const ttlMs = rules.ttlMs ?? orchestration.resourceCacheTtlMs;
      const tools = new Map(Object.entries(rules.tools ?? {}));
      return cached({
        ...common,
        server: id,
        ...(ttlMs !== undefined && { defaultTtlMs: ttlMs }),
        toolTtlMs: (tool) => tools.get(tool),
      });
    },
    follow({ events }) {
      const connects = new Map<string, number>();
      return events.server.listen(({ id, connects: now }) => {
        const before = connects.get(id) ?? 0;
        connects.set(id, now);
        // What is kept from before this gateway started may be newer than anything that it knows.
        if (before > 0 && now !== before) void store.invalidate({ server: id }).catch(() => undefined);
      });
    },
    stats: () => store.stats(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}
