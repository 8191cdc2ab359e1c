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
/** Room for the query of the largest dimension. */
const askedAt = queryAt + 2 * 16_384;
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
  #bytes = new Int8Array();
  #floats = new Float32Array();
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
    const { score } = this.#kernel ?? closed();
    const asked = new Uint32Array(this.#bytes.buffer, askedAt, blockSlots);
    const bound = this.#used.length * blockSlots;
    for (let from = 0; from < slots.length; from += blockSlots) {
      const count = Math.min(blockSlots, slots.length - from);
      for (let at = 0; at < count; at++) {
        const slot = slots[from + at] ?? -1;
        asked[at] = Number.isInteger(slot) && slot >= 0 && slot < bound ? slot : bound;
      }
      score(askedAt, count, bound, blocksAt, this.#width, queryAt, this.#queryInverseNorm, foundAt);
      for (let at = 0; at < count; at++)
        cosines[from + at] = Math.max(-1, Math.min(1, this.#floats[foundAt / 4 + at] ?? NaN));
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
    // V8 counts the whole memory as new each time and collects garbage for it, so it grows by an eighth at least, where it may.
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
