import type { Neighbour, SlotSet } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { checkSlot } from '../check-vector.ts';
import { createKernel, type Kernel, pageBytes } from './kernel/kernel.ts';
import { NearestHeap } from './nearest-heap.ts';
import { inverseNorm, quantise } from './quantise.ts';

/** Slots a block; memory grows by blocks. */
const blockSlots = 1_024;
/** Where things lie in the kernel's memory: all of it but the blocks within the first page. Zero is the null pointer. */
const allowedAt = 1_024;
const foundAt = allowedAt + blockSlots;
const queryAt = foundAt + blockSlots * 8;
const blocksAt = pageBytes;
/** Room for the query of the largest dimension, or for several that are shorter. */
const queryNumbers = 16_384;
const askedAt = queryAt + 2 * queryNumbers;
const inversesAt = askedAt + 4 * blockSlots;
/** So many are compared with so many others in one go: as many cosines as there is room for at `foundAt`. */
const mostCompared = 64;
const tile = 32;
const vectorPeak = 127;

/**
 * Vectors as int8 with their lengths, in blocks: first the vectors of a block, then one over the length of each, 0 for an empty slot.
 * Vectors that come in have been checked.
 */
export class QuantisedSlots {
  readonly dimension: number;
  readonly #width: number;
  readonly #blockBytes: number;
  readonly #queryPeak: number;
  readonly #maxBytes: number;
  readonly #levels: Int16Array;
  #kernel: Kernel | undefined;
  #bytes: Int8Array = new Int8Array();
  #floats: Float32Array = new Float32Array();
  #queryInverseNorm = 0;
  /** Slots in use, by block. */
  readonly #used: number[] = [];
  #size = 0;

  constructor(dimension: number, maxBytes: number, kernelOf: typeof createKernel = createKernel) {
    this.dimension = dimension;
    this.#width = Math.ceil(dimension / 16) * 16;
    this.#blockBytes = blockSlots * (this.#width + 4);
    // A sum of `width` products has to fit 31 bits.
    this.#queryPeak = Math.min(32_767, Math.floor(0x7fff_ffff / (vectorPeak * this.#width)));
    this.#maxBytes = maxBytes;
    this.#levels = new Int16Array(dimension);
    this.#kernel = kernelOf(1, Math.max(1, Math.floor(maxBytes / pageBytes)));
    this.#view();
  }

  get size(): number {
    return this.#size;
  }

  /** A vector that has been checked. */
  set(slot: number, vector: Float32Array): void {
    const norm = quantise(vector, vectorPeak, this.#levels);
    this.#put(slot, this.#levels, norm);
  }

  /** A vector as `vector` gave it; `false` when it is the zero vector, which is none. */
  restore(slot: number, vector: Int8Array): boolean {
    const norm = inverseNorm(vector);
    if (norm === Infinity) return false;
    this.#put(slot, vector, norm);
    return true;
  }

  has(slot: number): boolean {
    return (
      Number.isInteger(slot) &&
      slot >= 0 &&
      slot < this.#used.length * blockSlots &&
      (this.#floats[this.#normAt(slot)] ?? 0) !== 0
    );
  }

  delete(slot: number): boolean {
    if (!this.has(slot)) return false;
    const block = Math.floor(slot / blockSlots);
    this.#size--;
    this.#used[block] = (this.#used[block] ?? 1) - 1;
    this.#floats[this.#normAt(slot)] = 0;
    return true;
  }

  nearest(query: Float32Array, limit: number, allowed?: SlotSet): Neighbour[] {
    if (this.#size === 0 || !(limit >= 1)) return [];
    this.#ask(query);
    const heap = new NearestHeap(Math.min(Math.floor(limit), this.#size));
    for (let block = 0; block < this.#used.length; block++) {
      if (this.#used[block] === 0) continue;
      const first = block * blockSlots;
      if (allowed !== undefined && !this.#allow(allowed, first)) continue;
      const matches = this.#scan(first, blockSlots, allowed === undefined ? 0 : allowedAt, heap.threshold);
      const found = new DataView(this.#bytes.buffer, foundAt, matches * 8);
      for (let i = 0; i < matches; i++)
        heap.offer(first + found.getInt32(i * 8, true), found.getFloat32(i * 8 + 4, true));
    }
    return heap.take();
  }

  /** Cosines of the slots, in their order; NaN for an empty one. */
  similarities(query: Float32Array, slots: readonly number[]): Float32Array {
    const cosines = new Float32Array(slots.length);
    if (this.#size === 0) return cosines.fill(NaN);
    this.#ask(query);
    for (let from = 0; from < slots.length; from += blockSlots) {
      const count = this.#listSlots(slots, from, blockSlots);
      this.#score(count, queryAt, this.#queryInverseNorm);
      for (let at = 0; at < count; at++)
        cosines[from + at] = Math.max(-1, Math.min(1, this.#floats[foundAt / 4 + at] ?? NaN));
    }
    return cosines;
  }

  /** Cosines of each of `from` with each of `to`: those with `to[0]` first. NaN where a slot is empty. */
  between(from: readonly number[], to: readonly number[]): Float32Array {
    const cosines = new Float32Array(from.length * to.length).fill(NaN);
    if (this.#size === 0) return cosines;
    const room = Math.min(mostCompared, Math.floor(queryNumbers / this.#width));
    const { compare } = this.#kernel ?? closed();
    for (let first = 0; first < from.length; first += room) {
      const some = from.slice(first, first + room);
      some.forEach((slot, at) => {
        const held = this.has(slot);
        if (held) new Int16Array(this.#bytes.buffer, this.#queryPlace(at)).set(this.vector(slot));
        this.#floats[inversesAt / 4 + at] = held ? (this.#floats[this.#normAt(slot)] ?? NaN) : NaN;
      });
      const padded = Math.ceil(some.length / 4) * 4;
      for (let start = 0; start < to.length; start += tile) {
        const count = this.#listSlots(to, start, tile);
        const bound = this.#used.length * blockSlots;
        compare(askedAt, count, bound, blocksAt, this.#width, queryAt, inversesAt, some.length, foundAt);
        for (let other = 0; other < count; other++) {
          const cell = (start + other) * from.length + first;
          const found = foundAt / 4 + other * padded;
          for (let at = 0; at < some.length; at++) cosines[cell + at] = this.#floats[found + at] ?? NaN;
        }
      }
    }
    return cosines;
  }

  /** Slots in use, ascending. */
  *slots(): Generator<number, void> {
    for (let block = 0; block < this.#used.length; block++) {
      if (this.#used[block] === 0) continue;
      for (let slot = block * blockSlots; slot < (block + 1) * blockSlots; slot++) if (this.has(slot)) yield slot;
    }
  }

  /** A view that holds until the next `set`. */
  vector(slot: number): Int8Array {
    const at = this.#vectorAt(slot);
    return this.#bytes.subarray(at, at + this.dimension);
  }

  /** Lets go of the memory; empty from then on. */
  close(): void {
    this.#kernel = undefined;
    this.#bytes = new Int8Array();
    this.#floats = new Float32Array();
    this.#used.length = 0;
    this.#size = 0;
  }

  #put(slot: number, levels: Int16Array | Int8Array, norm: number): void {
    checkSlot(slot);
    const block = Math.floor(slot / blockSlots);
    if (block >= this.#used.length) this.#grow(block + 1);
    if (!this.has(slot)) {
      this.#size++;
      this.#used[block] = (this.#used[block] ?? 0) + 1;
    }
    this.#bytes.set(levels, this.#vectorAt(slot));
    this.#floats[this.#normAt(slot)] = norm;
  }

  #ask(query: Float32Array): void {
    this.#queryInverseNorm = quantise(query, this.#queryPeak, this.#levels);
    new Int16Array(this.#bytes.buffer, queryAt).set(this.#levels);
  }

  /** Puts at most `most` of the slots where the kernel reads them, and returns how many that were. */
  #listSlots(slots: readonly number[], from: number, most: number): number {
    const count = Math.min(most, slots.length - from);
    const asked = new Uint32Array(this.#bytes.buffer, askedAt, count);
    const bound = this.#used.length * blockSlots;
    for (let at = 0; at < count; at++) {
      const slot = slots[from + at] ?? -1;
      asked[at] = Number.isInteger(slot) && slot >= 0 && slot < bound ? slot : bound;
    }
    return count;
  }

  #score(count: number, query: number, inverse: number): void {
    const { score } = this.#kernel ?? closed();
    score(askedAt, count, this.#used.length * blockSlots, blocksAt, this.#width, query, inverse, foundAt);
  }

  #queryPlace(at: number): number {
    return queryAt + 2 * this.#width * at;
  }

  /** Puts a block's part of the set where the kernel reads it; `false` when none of the block belongs. */
  #allow(allowed: SlotSet, first: number): boolean {
    const part = allowed.subarray(first, first + blockSlots);
    if (!part.includes(1)) return false;
    this.#bytes.set(part, allowedAt);
    this.#bytes.fill(0, allowedAt + part.length, allowedAt + blockSlots);
    return true;
  }

  #scan(slot: number, count: number, allowed: number, threshold: number): number {
    const norms = this.#normAt(slot) * 4;
    const { scan } = this.#kernel ?? closed();
    return scan(
      this.#vectorAt(slot),
      norms,
      allowed,
      count,
      this.#width,
      queryAt,
      this.#queryInverseNorm,
      threshold,
      foundAt,
    );
  }

  #vectorAt(slot: number): number {
    const inBlock = slot % blockSlots;
    return blocksAt + ((slot - inBlock) / blockSlots) * this.#blockBytes + inBlock * this.#width;
  }

  /** In floats, not bytes. */
  #normAt(slot: number): number {
    const inBlock = slot % blockSlots;
    const block = blocksAt + ((slot - inBlock) / blockSlots) * this.#blockBytes;
    return (block + blockSlots * this.#width) / 4 + inBlock;
  }

  #grow(blocks: number): void {
    const kernel = this.#kernel ?? closed();
    const { byteLength } = kernel.memory;
    const missing = blocksAt + blocks * this.#blockBytes - byteLength;
    // New views are needed each time, so it grows by an eighth at least, where it may.
    const ahead = Math.min(byteLength / 8, Math.floor(this.#maxBytes / pageBytes) * pageBytes - byteLength);
    try {
      if (missing > 0) kernel.grow(Math.max(missing, ahead));
    } catch (cause) {
      throw new ToolyardError(
        'INDEX_FULL',
        { limitBytes: this.#maxBytes },
        `The vectors need more than ${this.#maxBytes} bytes.`,
        {
          cause,
        },
      );
    }
    while (this.#used.length < blocks) this.#used.push(0);
    this.#view();
  }

  #view(): void {
    const { memory } = this.#kernel ?? closed();
    this.#bytes = new Int8Array(memory);
    this.#floats = new Float32Array(memory);
  }
}

function closed(): never {
  throw new ToolyardError('CLOSED', { what: 'vector index' }, 'The vector index is closed.');
}
