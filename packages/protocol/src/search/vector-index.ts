/**
 * Keeps one vector a slot and finds the nearest by cosine. Slots are small integers that its owner hands out and reuses: memory goes with
 * the largest. All but `size` and `close` throw `CLOSED` after `close`.
 *
 * Prove an implementation with `vectorIndexContract` from `@toolyard/contract-tests`.
 */
export interface VectorIndex extends Disposable {
  readonly contract: 'vector-index/1';
  readonly dimension: number;
  /** How many slots hold a vector; 0 after `close`. */
  readonly size: number;
  /**
   * Replaces what the slot held. Only the direction is kept. Throws `VECTOR_INVALID` for another dimension, NaN, infinities, the zero vector,
   * or a slot that is not an integer from 0 to 2³¹ - 1, and `INDEX_FULL` when it does not fit; the index is then as it was.
   */
  set(slot: number, vector: Float32Array): void;
  /** `false` when the slot was empty. */
  delete(slot: number): boolean;
  /**
   * The nearest slots, best first, at most `limit`; none for a limit below 1. With `allowed`, only those slots count, and as many are found
   * as if no others existed. Throws `VECTOR_INVALID` for a query that `set` would refuse.
   */
  nearest(query: Float32Array, limit: number, allowed?: SlotSet): readonly Neighbour[];
  /** Cosine of one slot's vector; `undefined` when the slot is empty. Throws as `nearest` does. */
  similarity(query: Float32Array, slot: number): number | undefined;
  /** The same of many slots at once, in their order; NaN for an empty one. Left out where it would be no faster than to ask for each. */
  similarities?(query: Float32Array, slots: readonly number[]): Float32Array;
  /** Everything, in a form that the same kind of index can begin with. */
  save(): Uint8Array;
  /** Releases the memory. Safe to call twice. */
  close(): void;
}

export interface Neighbour {
  readonly slot: number;
  /** Cosine, -1 to 1; may be rounded, but is the same in `nearest` and `similarity`. */
  readonly similarity: number;
}

/** A set of slots: byte `slot` is 1 when it belongs, 0 (or past the end) when not. */
export type SlotSet = Uint8Array;
