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

/**
 * What is open now, by a key: as a `Map`, but for what is said of `OpenItems`. Outgrown tables hold cells here, which are emptied when their entry goes.
 */
export class OpenEntries<K, V> {
  readonly #cells = new Map<K, { value: V | undefined }>();

  get size(): number {
    return this.#cells.size;
  }

  has(key: K): boolean {
    return this.#cells.has(key);
  }

  get(key: K): V | undefined {
    return this.#cells.get(key)?.value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.#cells.set(key, { value });
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    const cell = this.#cells.get(key);
    if (cell === undefined) return false;
    cell.value = undefined;
    return this.#cells.delete(key);
  }

  clear(): void {
    for (const key of [...this.#cells.keys()]) this.delete(key);
  }

  /** In the order in which they came. What goes meanwhile is left out. */
  *entries(): Generator<[K, V]> {
    for (const [key, { value }] of this.#cells) if (value !== undefined) yield [key, value];
  }

  *values(): Generator<V> {
    for (const { value } of this.#cells.values()) if (value !== undefined) yield value;
  }
}
