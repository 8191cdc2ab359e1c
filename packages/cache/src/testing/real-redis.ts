import { type RealRedis, redisProgram, startRedis } from '@toolyard/presets/redis';
import type { CacheStore, CacheStoreEvent } from '@toolyard/protocol';

/** The Redis of this machine, for tests that are skipped where it has none and cannot get it. */
export interface Redises {
  readonly absent: boolean;
  /** The name of a suite, with the reason where it is skipped. */
  title(name: string): string;
  start(): Promise<RealRedis>;
}

export async function redises(): Promise<Redises> {
  const program = await redisProgram();
  const missing = 'missing' in program ? program.missing : undefined;
  return {
    absent: missing !== undefined,
    title: (name) => (missing === undefined ? name : `${name} (${missing})`),
    start: () => startRedis('path' in program ? program.path : ''),
  };
}

/** Resolves with the next such event. To be called before what brings it about. */
export function nextEvent(store: CacheStore, type: CacheStoreEvent['type']): Promise<CacheStoreEvent> {
  return new Promise((resolve) => {
    const stop = store.listen((event) => {
      if (event.type !== type) return;
      stop();
      resolve(event);
    });
  });
}

/** The store, once it is up. */
export async function upStore(store: CacheStore): Promise<CacheStore> {
  await nextEvent(store, 'up');
  return store;
}
