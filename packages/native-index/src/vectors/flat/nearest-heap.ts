import type { Neighbour } from '@toolyard/protocol';

/** Keeps the best of what it is offered, at most `limit`: a binary heap with the worst on top. Of equals the smaller slot is better. */
export class NearestHeap {
  readonly #limit: number;
  readonly #slots: number[] = [];
  readonly #similarities: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What an offer has to reach to be of interest. */
  get threshold(): number {
    return this.#slots.length < this.#limit ? -Infinity : (this.#similarities[0] ?? -Infinity);
  }

  offer(slot: number, similarity: number): void {
    if (this.#slots.length < this.#limit) {
      this.#rise(this.#slots.length, slot, similarity);
    } else if (this.#isWorse(0, slot, similarity)) {
      this.#sink(slot, similarity);
    }
  }

  /** Best first. */
  take(): Neighbour[] {
    return this.#slots
      .map((slot, i) => ({ slot, similarity: Math.max(-1, Math.min(1, this.#similarities[i] ?? 0)) }))
      .sort((a, b) => b.similarity - a.similarity || a.slot - b.slot);
  }

  #isWorse(at: number, slot: number, similarity: number): boolean {
    const held = this.#similarities[at] ?? 0;
    return held < similarity || (held === similarity && (this.#slots[at] ?? 0) > slot);
  }

  #rise(from: number, slot: number, similarity: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isWorse(parent, slot, similarity)) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#put(at, slot, similarity);
  }

  #sink(slot: number, similarity: number): void {
    const count = this.#slots.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const other = child + 1;
      if (other < count && this.#isWorse(other, this.#slots[child] ?? 0, this.#similarities[child] ?? 0)) child = other;
      if (!this.#isWorse(child, slot, similarity)) break;
      this.#copy(child, at);
      at = child;
    }
    this.#put(at, slot, similarity);
  }

  #copy(from: number, to: number): void {
    this.#put(to, this.#slots[from] ?? 0, this.#similarities[from] ?? 0);
  }

  #put(at: number, slot: number, similarity: number): void {
    this.#slots[at] = slot;
    this.#similarities[at] = similarity;
  }
}
