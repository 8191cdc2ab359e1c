import { isDeepStrictEqual } from 'node:util';

import type { CachedOptions } from '@toolyard/cache';
import { cached, layeredStore, memoryStore } from '@toolyard/cache';
import type { Orchestrator, ServerEntry } from '@toolyard/orchestrator';
import type { CacheStats, CacheStore, Middleware, Service } from '@toolyard/protocol';
import type { CacheSettings, Configuration } from '@toolyard/registry';

import type { Logger } from '../log/logger.ts';
import { whenGone } from '../upstreams/when-gone.ts';
import { switchableStore } from './switchable-store.ts';

type Settings = Pick<Configuration, 'cache' | 'orchestration'>;

/** The answers that a gateway keeps, of all its servers. */
export interface GatewayCache extends AsyncDisposable {
  /** Around the service of one server. */
  middleware(server: ServerEntry): Middleware;
  /** Drops what is kept of a server that is undeployed, and each time that it was connected anew: it may be another. */
  follow(orchestrator: Pick<Orchestrator, 'events' | 'servers'>): Following;
  /**
   * Gets ready for other settings, and returns what takes them over, which cannot fail. Where the store is another one, what was kept is forgotten. Throws as
   * `createCache` does; then everything stays as it was.
   */
  prepare(settings: Settings): () => void;
  stats(): CacheStats;
}

export interface Following {
  /** Servers that are remembered for it. */
  readonly known: number;
}

/** In memory, or where the configuration names a Redis, in memory over that, shared with all gateways of the same `prefix`. Throws as `layeredStore` does. */
export function createCache(settings: Settings, log: Logger): GatewayCache {
  const store = switchableStore(openStore(settings.cache));
  let hasAnswered = false;
  store.listen((event) => {
    if (event.type === 'up') {
      log.info(`The cache in Redis answers${hasAnswered ? ' again' : ''}.`);
      hasAnswered = true;
    } else log.warn({ reason: event.reason }, `The cache in Redis is ${event.type}; memory carries on.`);
  });
  const onEvent: CachedOptions['onEvent'] = (event) => {
    if (event.type === 'stale') log.debug(event, `${event.server} was answered for with what was kept.`);
    else log.debug({ server: event.server, err: event.error }, `Keeping answers of ${event.server}: ${event.type}.`);
  };
  let current = settings;
  const forget = (server: string): void => void store.invalidate({ server }).catch(() => undefined);
  return {
    middleware: (server) => (next) => {
      let made: { readonly by: Settings; readonly service: Service } | undefined;
      return (call) => {
        if (made?.by !== current)
          made = { by: current, service: cached({ store, onEvent, ...rulesOf(server, current) })(next) };
        return made.service(call);
      };
    },
    follow(orchestrator) {
      const connects = new Map<string, number>();
      orchestrator.events.server.listen(({ id, connects: now }) => {
        const before = connects.get(id) ?? 0;
        connects.set(id, now);
        // What is kept from before this gateway started may be newer than anything that it knows.
        if (before > 0 && now !== before) forget(id);
      });
      whenGone(orchestrator, (id) => {
        if (connects.delete(id)) forget(id);
      });
      return {
        get known() {
          return connects.size;
        },
      };
    },
    prepare(next) {
      if (isDeepStrictEqual(ofCache(next), ofCache(current))) return () => undefined;
      const opened = isDeepStrictEqual(placeOf(next), placeOf(current)) ? undefined : openStore(next.cache);
      return () => {
        current = next;
        if (opened === undefined) return;
        hasAnswered = false;
        store.switchTo(opened);
      };
    },
    stats: () => store.stats(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

function ofCache({ cache = {}, orchestration }: Settings): readonly unknown[] {
  return [cache, orchestration.resourceCacheTtlMs];
}

/** Which store it is. */
function placeOf({ cache: { redis, prefix, maxEntries, maxBytes } = {} }: Settings): readonly unknown[] {
  return [redis, prefix, maxEntries, maxBytes];
}

function openStore({ redis, prefix, maxEntries, maxBytes }: CacheSettings = {}): CacheStore {
  const memory = {
    ...(maxEntries !== undefined && { maxEntries }),
    ...(maxBytes !== undefined && { maxBytes }),
  };
  if (redis === undefined) return memoryStore(memory);
  return layeredStore({ redis: { url: redis, ...(prefix !== undefined && { prefix }) }, memory });
}

/** How long answers of a server hold. */
function rulesOf(
  { id, cache: rules = {} }: ServerEntry,
  { cache: { staleIfErrorMs, staleWhileRevalidateMs } = {}, orchestration }: Settings,
): Omit<CachedOptions, 'store' | 'onEvent'> {
  const ttlMs = rules.ttlMs ?? orchestration.resourceCacheTtlMs;
  const tools = new Map(Object.entries(rules.tools ?? {}));
  return {
    server: id,
    ...(ttlMs !== undefined && { defaultTtlMs: ttlMs }),
    ...(staleIfErrorMs !== undefined && { staleIfErrorMs }),
    ...(staleWhileRevalidateMs !== undefined && { staleWhileRevalidateMs }),
    toolTtlMs: (tool) => tools.get(tool),
  };
}
