import { pause } from '../waiting/pause.ts';

/** What is coming to its end, and is waited for when all is closed. */
export interface Endings {
  add(over: Promise<unknown>): void;
  /** Resolves when all is over, or has taken longer than may be asked of anybody who waits. */
  wait(): Promise<void>;
}

/** A process is asked to go, told to, and killed, with two seconds between these where nobody says otherwise. */
const patienceMs = 10_000;

export function createEndings(): Endings {
  const endings = new Set<Promise<unknown>>();
  return {
    add(over) {
      const ending: Promise<unknown> = over.catch(() => undefined).finally(() => endings.delete(ending));
      endings.add(ending);
    },
    async wait() {
      if (endings.size === 0) return;
      const enough = new AbortController();
      await Promise.race([Promise.all(endings), pause(patienceMs, enough.signal).catch(() => undefined)]);
      enough.abort();
    },
  };
}
