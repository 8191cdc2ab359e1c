import { column } from '../store/column.ts';

/** Lists of up to half as many entries share chunks of this many; a longer one has a chunk of its own. */
const chunkEntries = 2 ** 14;
const firstEntries = 512;
const ownChunk = 255;
/** How many entries blocks have room for: what is outgrown is copied, what is free is wasted, and either costs little with these. */
const capacities: readonly number[] = [
  1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192,
];

interface Chunk {
  readonly keys: Uint32Array;
  readonly marks: Uint16Array;
}

/** Many growing lists of keys (32 bits), each with a mark (16 bits), in the order of the keys' ranks. An entry costs six bytes and what is free behind it. */
export class Postings {
  readonly #rank: (key: number) => number;
  readonly #chunks: Chunk[] = [chunkOf(firstEntries)];
  readonly #freeChunks: number[] = [];
  /** The chunk that blocks are cut off, and how much of it is used. */
  #current = 0;
  #used = 0;
  /** By list: chunk and place in it. */
  #starts: Uint32Array = new Uint32Array(64);
  #lengths: Uint32Array = new Uint32Array(64);
  /** One more than the place in `capacities`; 0 for a list without a block. */
  #sizes: Uint8Array = new Uint8Array(64);
  readonly #free: number[][] = capacities.map(() => []);

  /** `rank`: by what keys are ordered; must stay the same for a key that is in a list. Default: the key itself. */
  constructor(rank: (key: number) => number = (key) => key) {
    this.#rank = rank;
  }

  /** The array in which the list's keys stand, from `start` on. */
  keys(list: number): Uint32Array {
    return this.#chunk(list).keys;
  }

  /** The array in which their marks stand, from `start` on. */
  marks(list: number): Uint16Array {
    return this.#chunk(list).marks;
  }

  start(list: number): number {
    return (this.#starts[list] ?? 0) % chunkEntries;
  }

  length(list: number): number {
    return this.#lengths[list] ?? 0;
  }

  /** The key must rank above all that are in the list. */
  append(list: number, key: number, mark: number): void {
    if (list >= this.#lengths.length) this.#growLists(list + 1);
    const length = this.length(list);
    if (length === this.#room(list)) this.#move(list, length + 1);
    const { keys, marks } = this.#chunk(list);
    const at = this.start(list) + length;
    keys[at] = key;
    marks[at] = mark;
    this.#lengths[list] = length + 1;
  }

  /** The key must not be in the list. */
  insert(list: number, key: number, mark: number): void {
    const end = this.start(list) + this.length(list);
    const rank = this.#rank(key);
    const above = this.length(list) === 0 || this.#rank(this.keys(list)[end - 1] ?? 0) < rank;
    const behind = above ? 0 : end - this.find(list, rank);
    this.append(list, key, mark);
    if (behind === 0) return;
    const { keys, marks } = this.#chunk(list);
    const last = this.start(list) + this.length(list) - 1;
    const at = last - behind;
    keys.copyWithin(at + 1, at, last);
    marks.copyWithin(at + 1, at, last);
    keys[at] = key;
    marks[at] = mark;
  }

  delete(list: number, key: number): void {
    const { keys, marks } = this.#chunk(list);
    const start = this.start(list);
    const end = start + this.length(list);
    const at = this.find(list, this.#rank(key));
    if (at >= end || keys[at] !== key) return;
    keys.copyWithin(at, at + 1, end);
    marks.copyWithin(at, at + 1, end);
    this.#lengths[list] = end - start - 1;
    if (end - start === 1) this.#release(list);
  }

  /** Where the first entry stands whose rank is not below `rank`. */
  find(list: number, rank: number): number {
    const { keys } = this.#chunk(list);
    let low = this.start(list);
    let high = low + this.length(list);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rank(keys[middle] ?? 0) < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes room for as many in all, so that they need not be moved meanwhile. */
  reserve(list: number, entries: number): void {
    if (list >= this.#lengths.length) this.#growLists(list + 1);
    if (entries > this.#room(list)) this.#move(list, entries);
  }

  #chunk(list: number): Chunk {
    return this.#chunks[Math.floor((this.#starts[list] ?? 0) / chunkEntries)] ?? emptyChunk;
  }

  #room(list: number): number {
    const size = this.#sizes[list] ?? 0;
    if (size === ownChunk) return this.#chunk(list).keys.length;
    return size === 0 ? 0 : (capacities[size - 1] ?? 0);
  }

  #move(list: number, entries: number): void {
    const from = this.#chunk(list);
    const start = this.start(list);
    const length = this.length(list);
    const size = capacities.findIndex((capacity) => capacity >= entries);
    const to = size < 0 ? this.#allocateChunk(Math.ceil(entries * 1.25)) : this.#allocate(size);
    const target = this.#chunks[Math.floor(to / chunkEntries)] ?? emptyChunk;
    const offset = to % chunkEntries;
    if (length > 16) {
      target.keys.set(from.keys.subarray(start, start + length), offset);
      target.marks.set(from.marks.subarray(start, start + length), offset);
    } else {
      for (let at = 0; at < length; at += 1) {
        target.keys[offset + at] = from.keys[start + at] ?? 0;
        target.marks[offset + at] = from.marks[start + at] ?? 0;
      }
    }
    this.#release(list);
    this.#starts[list] = to;
    this.#sizes[list] = size < 0 ? ownChunk : size + 1;
  }

  #release(list: number): void {
    const size = this.#sizes[list] ?? 0;
    const start = this.#starts[list] ?? 0;
    if (size === ownChunk) {
      this.#chunks[start / chunkEntries] = emptyChunk;
      this.#freeChunks.push(start / chunkEntries);
    } else if (size > 0) this.#free[size - 1]?.push(start);
    this.#sizes[list] = 0;
  }

  #allocate(size: number): number {
    const free = this.#free[size]?.pop();
    if (free !== undefined) return free;
    const entries = capacities[size] ?? 0;
    const chunk = this.#chunks[this.#current] ?? emptyChunk;
    if (this.#used + entries > chunk.keys.length) {
      if (chunk.keys.length < chunkEntries && this.#used + entries <= chunkEntries) this.#growChunk(chunk, entries);
      else {
        this.#current = this.#allocateChunk(chunkEntries) / chunkEntries;
        this.#used = 0;
      }
    }
    const start = this.#current * chunkEntries + this.#used;
    this.#used += entries;
    return start;
  }

  #growChunk(chunk: Chunk, entries: number): void {
    const grown = chunkOf(Math.min(chunkEntries, 2 * Math.max(chunk.keys.length, this.#used + entries)));
    grown.keys.set(chunk.keys);
    grown.marks.set(chunk.marks);
    this.#chunks[this.#current] = grown;
  }

  #allocateChunk(entries: number): number {
    const at = this.#freeChunks.pop() ?? this.#chunks.length;
    this.#chunks[at] = chunkOf(entries);
    return at * chunkEntries;
  }

  #growLists(lists: number): void {
    const room = Math.max(lists, Math.ceil(this.#lengths.length * 1.25));
    const grow = <A extends Uint32Array | Uint8Array>(old: A, fresh: A): A => {
      fresh.set(old);
      return fresh;
    };
    this.#starts = grow(this.#starts, column(Uint32Array, room));
    this.#lengths = grow(this.#lengths, column(Uint32Array, room));
    this.#sizes = grow(this.#sizes, column(Uint8Array, room));
  }
}

function chunkOf(entries: number): Chunk {
  return { keys: column(Uint32Array, entries), marks: column(Uint16Array, entries) };
}

const emptyChunk = chunkOf(0);
