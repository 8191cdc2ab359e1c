import { LRUCache } from 'lru-cache';
import type { Drop, Place } from '../keys/place.ts';

/**
 * Tells whether anything that concerns a place was dropped between two moments. Remembers the latest drops one by one; of those it has forgotten it
 * knows the time of the last, and takes it for a drop of everything: what is asked again is never answered with less than happened.
 */
export class DropClock {
  #now = 0;
  #everything = 0;
  readonly #last: LRUCache<string, number>;

  constructor(maxDrops = 10_000) {
    this.#last = new LRUCache({
      max: maxDrops,
      dispose: (at, _, reason) => {
        if (reason === 'evict') this.#everything = Math.max(this.#everything, at);
      },
    });
  }

  note(drop: Drop): void {
    this.#now += 1;
    if ('all' in drop) this.#everything = this.#now;
    else if ('server' in drop) this.#last.set(drop.server, this.#now);
    else if ('place' in drop) this.#last.set(drop.place.request, this.#now);
    else for (const { topic } of drop.topics) this.#last.set(topic, this.#now);
  }

  /** Differs before and after a drop that concerns the place. */
  stamp({ server, topic, request }: Place): string {
    const last = [server, topic, request].map((tag) => this.#last.get(tag) ?? 0);
    return String(Math.max(this.#everything, ...last));
  }
}
