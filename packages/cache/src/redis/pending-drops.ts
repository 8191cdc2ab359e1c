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

  /** Hands each over, also those that come in meanwhile. Stops at the first that fails, and keeps it. */
  async flush(deliver: (drop: Drop) => Promise<unknown>): Promise<void> {
    for (const [key, drop] of this.#drops) {
      // Forgotten first: the same drop may come once more while this one is on its way.
      this.#drops.delete(key);
      try {
        await deliver(drop);
      } catch (error) {
        this.add(drop);
        throw error;
      }
    }
  }

  get size(): number {
    return this.#drops.size;
  }
}

const everythingKey = JSON.stringify({ all: true } satisfies Drop);
