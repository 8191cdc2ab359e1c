/** Something that comes and goes with each call. */
export interface OpenItem {
  /** Written by `OpenItems` alone; -1 while it is in none. */
  place: number;
}

/**
 * What is open now, in no order: calls, exchanges. An item is in one of these at most.
 *
 * Not a `Set`, because of V8's garbage collector. When a set outgrows its table, the old one goes on pointing at the new one; so once a table has come
 * to the old generation, every later one, with the calls that were in it, outlives each young collection: they cost more than all else that a relay does.
 */
export class OpenItems<T extends OpenItem> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    item.place = this.#items.length;
    this.#items.push(item);
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    const { place } = item;
    if (place < 0) return false;
    item.place = -1;
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#items[place] = last;
      last.place = place;
    }
    return true;
  }

  /** Those of this moment: what comes or goes meanwhile changes nothing about it. */
  list(): readonly T[] {
    return [...this.#items];
  }
}
