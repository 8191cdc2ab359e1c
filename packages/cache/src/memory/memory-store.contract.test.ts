import { cacheStoreContract } from '@toolyard/contract-tests';
import { memoryStore } from './memory-store.ts';

cacheStoreContract('memoryStore()', () => {
  let nowMs = 1_000;
  const store = memoryStore({ now: () => nowMs });
  return {
    store,
    advance: async (ms) => void (nowMs += ms),
    [Symbol.asyncDispose]: () => store.close(),
  };
});
