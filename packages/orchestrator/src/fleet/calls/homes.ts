import type { Caller } from '@toolyard/protocol';
import { LRUCache } from 'lru-cache';

/** Callers that are known; who is forgotten may meet another member the next time. */
const maxKnown = 10_000;

/** At which member each caller is at home: the one that keeps what belongs to them. Members are known by their numbers, so that those that are gone are not held. */
export interface Homes {
  /** `undefined` also for those who cannot be told apart. */
  of(caller: Caller): number | undefined;
  /** Does nothing for those who cannot be told apart. */
  settle(caller: Caller, member: number): void;
}

export function createHomes(): Homes {
  /** Made when there is something to remember: it takes its whole room at once, and most servers have one instance. */
  let homes: LRUCache<string, number> | undefined;
  return {
    of(caller) {
      const key = homes === undefined ? undefined : keyOf(caller);
      return key === undefined ? undefined : homes?.get(key);
    },
    settle(caller, member) {
      const key = keyOf(caller);
      if (key !== undefined) (homes ??= new LRUCache({ max: maxKnown })).set(key, member);
    },
  };
}

/** Who was not authenticated is anybody, and known by its session alone. */
function keyOf({ tenant, principal, session }: Caller): string | undefined {
  return principal === 'anonymous' ? session : JSON.stringify([tenant, principal]);
}
