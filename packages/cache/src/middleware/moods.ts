import { LRUCache } from 'lru-cache';

/** What the last request of a name came to: an answer that is not to be kept, or none because its server failed. */
export type Mood = 'passing' | 'failing';

const maxMoods = 10_000;
const passingMs = 10_000;

/** Remembers, for a short time, which requests it is of no use to wait for or to make. */
export class Moods {
  readonly #moods: LRUCache<string, Mood>;
  readonly #retryMs: number;

  constructor({ now, retryMs }: { readonly now: () => number; readonly retryMs: number }) {
    // The library takes a time of 0 for none.
    this.#moods = new LRUCache({ max: maxMoods, perf: { now: () => now() + 1 }, ttl: passingMs, ttlResolution: 0 });
    this.#retryMs = retryMs;
  }

  of(name: string): Mood | undefined {
    return this.#moods.get(name);
  }

  set(name: string, mood: Mood): void {
    // Not all gateways are to come back to a failing server at the same moment.
    const ttl = mood === 'passing' ? passingMs : Math.ceil(this.#retryMs * (0.5 + Math.random()));
    if (ttl > 0) this.#moods.set(name, mood, { ttl });
  }

  forget(name: string): void {
    this.#moods.delete(name);
  }
}
