import type { Neighbour, SlotSet, VectorIndex } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { createSlices } from '../../store/slices.ts';
import { checkVector, orNone } from '../check-vector.ts';
import { QuantisedSlots } from '../flat/quantised-slots.ts';
import { encodeVectors, type StoredVectors } from '../stored-vectors.ts';
import { graphFromBytes, graphToBytes } from './graph-file.ts';
import type { UsearchGraph, UsearchModule } from './usearch-module.ts';

export interface UsearchOptions {
  readonly dimension: number;
  /** Bound on the memory for vectors; the graph comes on top, with as much again and 300 bytes a vector. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /**
   * The graph is asked when the square of how many vectors are allowed is over this many times their number: where following it to
   * enough that are allowed costs less than looking at each of those. Measured.
   */
  readonly exactWork?: number;
}

/**
 * A graph (HNSW) for where to look, and the vectors themselves for how near that is: what the graph brings is scored anew, and where
 * the graph would miss much, because few slots are allowed or many are wanted, every vector that is allowed is looked at.
 */
export async function usearchIndex(
  { Index }: UsearchModule,
  options: UsearchOptions,
  stored?: StoredVectors,
): Promise<VectorIndex> {
  const graph = new Index({
    dimensions: options.dimension,
    metric: 'cos',
    quantization: 'i8',
    connectivity: 16,
    expansion_add: 128,
    // With fewer, recall falls once vectors have been replaced often.
    expansion_search: 256,
    multi: false,
  });
  const slots = new QuantisedSlots(options.dimension, options.maxBytes);
  stored?.into(slots);
  const index = new UsearchIndex(slots, graph, options);
  if (stored !== undefined && !takeGraph(graph, stored, slots)) await link(graph, slots, options.signal);
  return index;
}

function takeGraph(graph: UsearchGraph, stored: StoredVectors, slots: QuantisedSlots): boolean {
  return graphFromBytes(graph, stored.graph, slots.dimension) && graph.size() === slots.size;
}

/** Builds the graph anew, and lets others have their turn. */
async function link(graph: UsearchGraph, slots: QuantisedSlots, signal: AbortSignal | undefined): Promise<void> {
  const slices = createSlices(signal);
  for (const slot of slots.slots()) {
    await slices.rest();
    graph.add(BigInt(slot), Float32Array.from(slots.vector(slot)), 1);
  }
}

class UsearchIndex implements VectorIndex {
  readonly contract = 'vector-index/1';
  readonly dimension: number;
  readonly #slots: QuantisedSlots;
  readonly #maxBytes: number;
  readonly #exactWork: number;
  #graph: UsearchGraph | undefined;

  constructor(slots: QuantisedSlots, graph: UsearchGraph, { maxBytes, exactWork = 20_000 }: UsearchOptions) {
    this.dimension = slots.dimension;
    this.#slots = slots;
    this.#graph = graph;
    this.#maxBytes = maxBytes;
    this.#exactWork = exactWork;
  }

  get size(): number {
    return this.#slots.size;
  }

  set(slot: number, vector: Float32Array): void {
    const graph = this.#open();
    checkVector(vector, this.dimension);
    if (this.#slots.has(slot)) graph.remove(BigInt(slot));
    this.#slots.set(slot, vector);
    try {
      // As rounded, because the library does not guard against numbers whose squares it cannot hold.
      graph.add(BigInt(slot), Float32Array.from(this.#slots.vector(slot)), 1);
    } catch (cause) {
      this.#slots.delete(slot);
      throw new ToolyardError(
        'INDEX_FULL',
        { limitBytes: this.#maxBytes },
        'The graph cannot take in another vector.',
        { cause },
      );
    }
  }

  delete(slot: number): boolean {
    const graph = this.#open();
    if (!this.#slots.delete(slot)) return false;
    graph.remove(BigInt(slot));
    return true;
  }

  nearest(query: Float32Array, limit: number, allowed?: SlotSet): readonly Neighbour[] {
    this.#open();
    checkVector(query, this.dimension);
    return this.#follow(query, Math.floor(limit), allowed) ?? this.#slots.nearest(query, limit, allowed);
  }

  similarity(query: Float32Array, slot: number): number | undefined {
    this.#open();
    checkVector(query, this.dimension);
    return orNone(this.#slots.similarities(query, [slot])[0]);
  }

  similarities(query: Float32Array, slots: readonly number[]): Float32Array {
    this.#open();
    checkVector(query, this.dimension);
    return this.#slots.similarities(query, slots);
  }

  save(): Uint8Array {
    return encodeVectors(this.#slots, graphToBytes(this.#open()));
  }

  close(): void {
    this.#graph = undefined;
    this.#slots.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** `undefined` where looking at each vector is quicker or finds more. */
  #follow(query: Float32Array, limit: number, allowed: SlotSet | undefined): Neighbour[] | undefined {
    const { size } = this;
    const count = allowed === undefined ? size : Math.min(size, sum(allowed));
    if (!(limit >= 1) || count * count <= this.#exactWork * size) return undefined;
    // More than wanted, because the graph ranks by coarser numbers.
    const needed = Math.ceil(limit * 1.5) + 32;
    for (let wanted = Math.ceil((needed * size) / count); wanted <= size / 8; wanted *= 4) {
      const keys = this.#open().search(direction(query), wanted, 1).keys;
      const found = Array.from(keys, Number).filter((slot) => allowed === undefined || allowed[slot] === 1);
      if (found.length < needed) continue;
      const similarities = this.#slots.similarities(query, found);
      return found
        .map((slot, i) => ({ slot, similarity: similarities[i] ?? -1 }))
        .sort((a, b) => b.similarity - a.similarity || a.slot - b.slot)
        .slice(0, limit);
    }
    return undefined;
  }

  #open(): UsearchGraph {
    if (this.#graph === undefined)
      throw new ToolyardError('CLOSED', { what: 'vector index' }, 'The vector index is closed.');
    return this.#graph;
  }
}

/** Of moderate size, for the library's sake. */
function direction(query: Float32Array): Float32Array {
  const largest = query.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return query.map((value) => value / largest);
}

function sum(bytes: Uint8Array): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total;
}
