import type { Drop } from '../keys/place.ts';

/** Drops that Redis did not get yet, each once. Where they are too many, they become one of everything. */
export class PendingDrops {
  readonly #max: number;
  readonly #drops = new Map<string, Drop>();

  constructor(max: number) {
    this.#max = max;
  }

  add(drop: Drop): void {
    if (this.#drops.has(everythingKey)) return;
    this.#drops.set(JSON.stringify(drop), drop);
    if (this.#drops.size <= this.#max) return;
    this.#drops.clear();
    this.#drops.set(everythingKey, { all: true });
  }

  /** Hands each over and forgets it once that is done, also those that come in meanwhile. Stops at the first that fails. */
  async flush(deliver: (drop: Drop) => Promise<unknown>): Promise<void> {
    for (const [key, drop] of this.#drops) {
      await deliver(drop);
      this.#drops.delete(key);
    }
  }

  get size(): number {
    return this.#drops.size;
  }
}

const everythingKey = JSON.stringify({ all: true } satisfies Drop);
