/**
 * Finds the slot of an id, or the number of a term: a hash table beside the texts themselves (open addressing, linear probing). A third of what a `Map` costs, and
 * quick to grow. Hashes are seeded, since texts come from servers, and one could choose them so that they collide.
 */
export class IdTable {
  readonly #ids: readonly string[];
  readonly #seed: number = Math.floor(Math.random() * 2 ** 32);
  /** One more than the slot; 0 for a free place. */
  #places: Uint32Array = new Uint32Array(128);
  /** By slot. */
  #hashes: Uint32Array = new Uint32Array(64);
  #size = 0;

  /** `ids`: by slot; those that were set must stay until they are deleted. */
  constructor(ids: readonly string[]) {
    this.#ids = ids;
  }

  get size(): number {
    return this.#size;
  }

  slot(id: string): number | undefined {
    const hash = this.#hash(id);
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = (this.#places[place] ?? 0) - 1;
      if (slot < 0) return undefined;
      if (this.#hashes[slot] === hash && this.#ids[slot] === id) return slot;
    }
  }

  /** The id must not be in the table. */
  add(id: string, slot: number): void {
    if (slot >= this.#hashes.length) {
      const grown = new Uint32Array(Math.ceil((slot + 1) * 1.25));
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    if ((this.#size + 1) * 4 > this.#places.length * 3) this.#double();
    this.#hashes[slot] = this.#hash(id);
    this.#put(slot);
    this.#size += 1;
  }

  delete(slot: number): void {
    const mask = this.#places.length - 1;
    let gap = (this.#hashes[slot] ?? 0) & mask;
    while (this.#places[gap] !== slot + 1) gap = (gap + 1) & mask;
    this.#places[gap] = 0;
    this.#size -= 1;
    // What stands behind moves up where it would no longer be found.
    for (let place = (gap + 1) & mask; this.#places[place] !== 0; place = (place + 1) & mask) {
      const home = (this.#hashes[(this.#places[place] ?? 0) - 1] ?? 0) & mask;
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      this.#places[gap] = this.#places[place] ?? 0;
      this.#places[place] = 0;
      gap = place;
    }
  }

  #put(slot: number): void {
    const mask = this.#places.length - 1;
    let place = (this.#hashes[slot] ?? 0) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = slot + 1;
  }

  #double(): void {
    const before = this.#places;
    this.#places = new Uint32Array(before.length * 2);
    for (const place of before) if (place !== 0) this.#put(place - 1);
  }

  #hash(id: string): number {
    let hash = this.#seed;
    for (let at = 0; at < id.length; at += 1) {
      hash = Math.imul(hash ^ id.charCodeAt(at), 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }
}
