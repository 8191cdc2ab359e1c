import { column } from './column.ts';

/** Parts that grow each by itself, so that no growth takes long. */
const parts = 16;
const firstPlaces = 16;

/**
 * Finds the slot of an id, or the number of a term: a hash table beside the texts themselves (open addressing, linear probing). A third of what a `Map` costs, and
 * quick to grow. Hashes are seeded, since texts come from servers, and one could choose them so that they collide.
 */
export class IdTable {
  readonly #ids: readonly string[];
  readonly #seed: number = Math.floor(Math.random() * 2 ** 32);
  /** By the highest bits of the hash; in each place one more than the slot, or 0. */
  readonly #parts: Uint32Array[];
  /** Of each part. */
  readonly #sizes: number[] = Array.from({ length: parts }, () => 0);
  /** By slot. */
  #hashes: Uint32Array = column(Uint32Array, 64);
  #size = 0;

  /** `ids`: by slot; those that were set must stay until they are deleted. */
  constructor(ids: readonly string[]) {
    this.#ids = ids;
    this.#parts = Array.from({ length: parts }, () => column(Uint32Array, firstPlaces));
  }

  get size(): number {
    return this.#size;
  }

  slot(id: string): number | undefined {
    const hash = this.#hash(id);
    const places = this.#places(hash);
    const mask = places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = (places[place] ?? 0) - 1;
      if (slot < 0) return undefined;
      if (this.#hashes[slot] === hash && this.#ids[slot] === id) return slot;
    }
  }

  /** The id must not be in the table. */
  add(id: string, slot: number): void {
    if (slot >= this.#hashes.length) {
      const grown = column(Uint32Array, Math.ceil((slot + 1) * 1.25));
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    const hash = this.#hash(id);
    this.#hashes[slot] = hash;
    this.#put(slot, this.#roomFor(hash));
    this.#size += 1;
  }

  delete(slot: number): void {
    const hash = this.#hashes[slot] ?? 0;
    const places = this.#places(hash);
    const mask = places.length - 1;
    let gap = hash & mask;
    while (places[gap] !== slot + 1) gap = (gap + 1) & mask;
    places[gap] = 0;
    this.#size -= 1;
    this.#sizes[partOf(hash)] = (this.#sizes[partOf(hash)] ?? 1) - 1;
    // What stands behind moves up where it would no longer be found.
    for (let place = (gap + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const home = (this.#hashes[(places[place] ?? 0) - 1] ?? 0) & mask;
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      places[gap] = places[place] ?? 0;
      places[place] = 0;
      gap = place;
    }
  }

  #places(hash: number): Uint32Array {
    return this.#parts[partOf(hash)] ?? none;
  }

  /** The part that the hash belongs to, with room for one more, which is counted already. */
  #roomFor(hash: number): Uint32Array {
    const part = partOf(hash);
    const size = (this.#sizes[part] ?? 0) + 1;
    this.#sizes[part] = size;
    const places = this.#places(hash);
    if (size * 4 <= places.length * 3) return places;
    const doubled = column(Uint32Array, places.length * 2);
    this.#parts[part] = doubled;
    for (const place of places) if (place !== 0) this.#put(place - 1, doubled);
    return doubled;
  }

  #put(slot: number, places: Uint32Array): void {
    const mask = places.length - 1;
    let place = (this.#hashes[slot] ?? 0) & mask;
    while (places[place] !== 0) place = (place + 1) & mask;
    places[place] = slot + 1;
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

function partOf(hash: number): number {
  return hash >>> 28;
}

const none = new Uint32Array(1);
