import { type ErrorCode, type Neighbour, type SlotSet, ToolyardError, type VectorIndex } from '@toolyard/protocol';
import { expect } from 'vitest';
import { seededRandom } from '../random.ts';

export type Vectors = Map<number, Float32Array>;

/** Vectors in groups, as those of texts are: each one of forty directions and a little of its own. */
export function vectorSource(dimension: number, seed = 1): () => Float32Array {
  const random = seededRandom(seed);
  const any = (): Float32Array => Float32Array.from({ length: dimension }, () => random() - 0.5);
  const groups = Array.from({ length: 40 }, any);
  return () => {
    const group = groups[Math.floor(random() * groups.length)] ?? any();
    const own = any();
    return group.map((value, i) => value + 0.7 * (own[i] ?? 0));
  };
}

/** Sets slots 0 to `count - 1`. */
export function fill(index: VectorIndex, count: number, next: () => Float32Array): Vectors {
  const vectors: Vectors = new Map();
  for (let slot = 0; slot < count; slot++) put(index, vectors, slot, next());
  return vectors;
}

export function put(index: VectorIndex, vectors: Vectors, slot: number, vector: Float32Array): void {
  index.set(slot, vector);
  vectors.set(slot, vector);
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return dot / Math.sqrt(aa * bb);
}

/** By looking at each vector with all its digits. */
export function exactNearest(vectors: Vectors, query: Float32Array, limit: number, allowed?: SlotSet): Neighbour[] {
  return [...vectors]
    .filter(([slot]) => allowed === undefined || allowed[slot] === 1)
    .map(([slot, vector]) => ({ slot, similarity: cosine(query, vector) }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, limit);
}

/** Which part of the truly nearest is found, over forty queries. */
export function recall(index: VectorIndex, vectors: Vectors, next: () => Float32Array, allowed?: SlotSet): number {
  let [found, wanted] = [0, 0];
  for (let n = 0; n < 40; n++) {
    const query = next();
    const truth = exactNearest(vectors, query, 10, allowed);
    const slots = new Set(index.nearest(query, 10, allowed).map(({ slot }) => slot));
    found += truth.filter(({ slot }) => slots.has(slot)).length;
    wanted += truth.length;
  }
  return found / wanted;
}

export const slotsOf = (neighbours: readonly Neighbour[]): number[] => neighbours.map(({ slot }) => slot);

export function setOf(...slots: number[]): SlotSet {
  const set = new Uint8Array(Math.max(-1, ...slots) + 1);
  for (const slot of slots) set[slot] = 1;
  return set;
}

/** Best first, none twice, cosines within their bounds. */
export function expectOrder(neighbours: readonly Neighbour[]): void {
  expect(new Set(slotsOf(neighbours)).size).toBe(neighbours.length);
  const similarities = neighbours.map(({ similarity }) => similarity);
  expect(similarities).toEqual(similarities.toSorted((a, b) => b - a));
  for (const similarity of similarities) expect(Math.abs(similarity)).toBeLessThanOrEqual(1);
}

export function expectCode(code: ErrorCode, act: () => unknown): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(ToolyardError.is(thrown) ? thrown.code : thrown).toBe(code);
}
