import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { cosine, exactNearest, expectOrder, fill, recall, setOf, slotsOf, vectorSource } from '../kit.ts';
import type { VectorIndexRig } from '../rig.ts';

export const search: Cases<VectorIndexRig> = {
  'an empty index finds nothing': async (rig) => {
    using index = await rig.open(4);
    expect(index.nearest(Float32Array.of(1, 0, 0, 0), 5)).toEqual([]);
    expect(index.similarity(Float32Array.of(1, 0, 0, 0), 0)).toBeUndefined();
    expect(index).toMatchObject({ contract: 'vector-index/1', dimension: 4, size: 0 });
  },

  'the nearest are found among three thousand: 97 of 100': async (rig) => {
    using index = await rig.open(64);
    const next = vectorSource(64);
    const vectors = fill(index, 3_000, next);
    expect(index.size).toBe(3_000);
    expect(recall(index, vectors, next)).toBeGreaterThanOrEqual(0.97);
  },

  'a dimension that is no round number works as well': async (rig) => {
    for (const dimension of [1, 3, 17, 100]) {
      using index = await rig.open(dimension);
      const next = vectorSource(dimension);
      const vectors = fill(index, 40, next);
      const query = next();
      for (const { slot, similarity } of index.nearest(query, 40)) {
        const truth = cosine(query, vectors.get(slot) ?? query);
        expect(Math.abs(similarity - truth)).toBeLessThan(0.02);
      }
      expect(index.nearest(query, 40)).toHaveLength(40);
    }
  },

  'answers come best first, and similarity() agrees with nearest() and with the cosine to 0.02': async (rig) => {
    using index = await rig.open(48);
    const next = vectorSource(48);
    const vectors = fill(index, 500, next);
    const query = next();
    const found = index.nearest(query, 20);
    expect(found).toHaveLength(20);
    expectOrder(found);
    for (const { slot, similarity } of found) {
      expect(index.similarity(query, slot)).toBeCloseTo(similarity, 5);
      expect(index.similarities?.(query, [9_999, slot])?.[1] ?? similarity).toBeCloseTo(similarity, 5);
      expect(Math.abs(similarity - cosine(query, vectors.get(slot) ?? query))).toBeLessThan(0.02);
    }
    expect(index.similarities?.(query, [9_999])[0] ?? NaN).toBeNaN();
    const best = found[0] ?? { slot: -1 };
    const opposite = query.map((value) => -value);
    expect(index.similarity(opposite, best.slot)).toBeCloseTo(-(index.similarity(query, best.slot) ?? 0), 3);
  },

  'only the direction counts, from the smallest numbers to the largest': async (rig) => {
    using index = await rig.open(8);
    const vector = vectorSource(8)();
    for (const [slot, scale] of [1e-30, 1, 1e30].entries())
      index.set(
        slot,
        vector.map((value) => value * scale),
      );
    for (const scale of [1e-30, 1, 1e30]) {
      const query = vector.map((value) => value * scale);
      for (const slot of [0, 1, 2]) expect(index.similarity(query, slot)).toBeCloseTo(1, 3);
      expect(slotsOf(index.nearest(query, 3)).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    }
  },

  'a limit above the size gives all, and one below 1 nothing': async (rig) => {
    using index = await rig.open(16);
    const next = vectorSource(16);
    fill(index, 30, next);
    const all = index.nearest(next(), 1_000_000);
    expect(slotsOf(all).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, slot) => slot));
    expectOrder(all);
    for (const none of [0, -1, -Infinity, Number.NaN, 0.5]) expect(index.nearest(next(), none)).toEqual([]);
    expect(index.nearest(next(), Infinity)).toHaveLength(30);
  },

  'many of the same vector are all found, and hide nobody': async (rig) => {
    using index = await rig.open(16);
    const next = vectorSource(16);
    const same = next();
    for (let slot = 0; slot < 2_000; slot++) index.set(slot, same);
    const others = fill(index, 10, next);
    const found = index.nearest(same, 50);
    expectOrder(found);
    expect(found).toHaveLength(50);
    for (const { similarity } of found) expect(similarity).toBeCloseTo(1, 3);
    for (const [slot, vector] of others) {
      const [best] = exactNearest(others, vector, 1);
      expect(best?.slot).toBe(slot);
      expect(slotsOf(index.nearest(vector, 1))).toEqual([slot]);
    }
    expect(new Set(slotsOf(index.nearest(same, 2_000))).size).toBe(2_000);
  },

  'with a filter that leaves one in a hundred, as many are found and as well': async (rig) => {
    using index = await rig.open(64);
    const next = vectorSource(64);
    const vectors = fill(index, 3_000, next);
    const allowed = setOf(...Array.from({ length: 30 }, (_, n) => n * 100 + 7));
    for (let n = 0; n < 5; n++) {
      const found = index.nearest(next(), 10, allowed);
      expect(found).toHaveLength(10);
      expectOrder(found);
      for (const { slot } of found) expect(allowed[slot]).toBe(1);
    }
    expect(recall(index, vectors, next, allowed)).toBeGreaterThanOrEqual(0.97);
    expect(index.nearest(next(), 1_000, allowed)).toHaveLength(30);
  },

  'with a filter that leaves half, or what is far from the query, the nearest of those are found': async (rig) => {
    using index = await rig.open(64);
    const next = vectorSource(64);
    const vectors = fill(index, 3_000, next);
    const half = setOf(...[...vectors.keys()].filter((slot) => slot % 2 === 1));
    expect(recall(index, vectors, next, half)).toBeGreaterThanOrEqual(0.97);
    const query = next();
    const far = setOf(...slotsOf(exactNearest(vectors, query, 3_000).slice(2_000)));
    const bar = exactNearest(vectors, query, 10, far)[9]?.similarity ?? 1;
    const found = slotsOf(index.nearest(query, 10, far));
    expect(found).toHaveLength(10);
    for (const slot of found) {
      expect(far[slot]).toBe(1);
      expect(cosine(query, vectors.get(slot) ?? query)).toBeGreaterThan(bar - 0.01);
    }
  },

  'a filter may be empty, shorter than the index, longer, or name empty slots': async (rig) => {
    using index = await rig.open(16);
    const next = vectorSource(16);
    fill(index, 20, next);
    expect(index.nearest(next(), 5, new Uint8Array())).toEqual([]);
    expect(index.nearest(next(), 5, new Uint8Array(20))).toEqual([]);
    expect(slotsOf(index.nearest(next(), 5, setOf(3)))).toEqual([3]);
    expect(slotsOf(index.nearest(next(), 5, setOf(4, 19, 5_000))).toSorted((a, b) => a - b)).toEqual([4, 19]);
    expect(index.nearest(next(), 5, setOf(5_000))).toEqual([]);
  },
};
