import type { CacheStats, KeptEntry } from '@toolyard/protocol';

/** Counts what reads of a store find. */
export class Counters {
  #hits = 0;
  #misses = 0;

  count(entry: KeptEntry | undefined): void {
    if (entry !== undefined && entry.ageMs < entry.freshMs) this.#hits += 1;
    else this.#misses += 1;
  }

  stats(held: Pick<CacheStats, 'evictions' | 'entries' | 'bytes'>): CacheStats {
    const requests = this.#hits + this.#misses;
    return {
      hits: this.#hits,
      misses: this.#misses,
      requests,
      hitRate: requests === 0 ? 0 : this.#hits / requests,
      ...held,
    };
  }
}
