import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { seededRandom } from '../../random.ts';
import { expectCode, fill, put, recall, slotsOf, vectorSource } from '../kit.ts';
import type { VectorIndexRig } from '../rig.ts';

const dimension = 32;

export const change: Cases<VectorIndexRig> = {
  'a deleted vector is found no more, and its slot can be used again': async (rig) => {
    using index = await rig.open(dimension);
    const next = vectorSource(dimension);
    const vectors = fill(index, 200, next);
    const first = vectors.get(42) ?? next();
    expect(slotsOf(index.nearest(first, 1))).toEqual([42]);
    expect(index.delete(42)).toBe(true);
    expect(index.delete(42)).toBe(false);
    expect(index.delete(10_000)).toBe(false);
    expect(index.size).toBe(199);
    expect(slotsOf(index.nearest(first, 200))).not.toContain(42);
    expect(index.similarity(first, 42)).toBeUndefined();
    const second = first.map((value) => -value);
    index.set(42, second);
    expect(index.size).toBe(200);
    expect(slotsOf(index.nearest(second, 1))).toEqual([42]);
    expect(index.similarity(first, 42)).toBeCloseTo(-1, 3);
  },

  'setting a slot again replaces what it held': async (rig) => {
    using index = await rig.open(dimension);
    const next = vectorSource(dimension);
    fill(index, 100, next);
    const vector = next();
    index.set(7, vector);
    index.set(7, vector);
    expect(index.size).toBe(100);
    expect(slotsOf(index.nearest(vector, 100)).filter((slot) => slot === 7)).toEqual([7]);
    expect(index.similarity(vector, 7)).toBeCloseTo(1, 3);
  },

  'after each slot was replaced twice and a third deleted, the nearest are still found': async (rig) => {
    using index = await rig.open(dimension);
    const next = vectorSource(dimension);
    const random = seededRandom(5);
    const vectors = fill(index, 1_500, next);
    for (let n = 0; n < 3_000; n++) put(index, vectors, Math.floor(random() * 1_500), next());
    for (let slot = 0; slot < 1_500; slot += 3) {
      index.delete(slot);
      vectors.delete(slot);
    }
    expect(index.size).toBe(1_000);
    expect(recall(index, vectors, next)).toBeGreaterThanOrEqual(0.95);
  },

  'slots far apart cost no order and lose nobody': async (rig) => {
    using index = await rig.open(dimension);
    const next = vectorSource(dimension);
    const slots = [0, 1_023, 1_024, 1_025, 9_999, 40_000];
    for (const slot of slots.toReversed()) index.set(slot, next());
    expect(slotsOf(index.nearest(next(), 10)).toSorted((a, b) => a - b)).toEqual(slots);
  },

  'an index that was emptied takes vectors again': async (rig) => {
    using index = await rig.open(dimension);
    const next = vectorSource(dimension);
    for (const slot of fill(index, 50, next).keys()) index.delete(slot);
    expect(index.size).toBe(0);
    expect(index.nearest(next(), 5)).toEqual([]);
    const vector = next();
    index.set(3, vector);
    expect(slotsOf(index.nearest(vector, 5))).toEqual([3]);
  },

  'a vector of another length, with a number that is none, or without direction is refused, and nothing changes':
    async (rig) => {
      using index = await rig.open(3);
      const good = Float32Array.of(1, 2, 3);
      index.set(0, good);
      const bad = [
        [1, 2],
        [1, 2, 3, 4],
        [],
        [1, Number.NaN, 2],
        [1, Infinity, 2],
        [1, 2, -Infinity],
        [0, 0, 0],
        [0, -0, 0],
      ];
      for (const numbers of bad) {
        const vector = Float32Array.from(numbers);
        expectCode('VECTOR_INVALID', () => index.set(0, vector));
        expectCode('VECTOR_INVALID', () => index.set(1, vector));
        expectCode('VECTOR_INVALID', () => index.nearest(vector, 1));
        expectCode('VECTOR_INVALID', () => index.similarity(vector, 0));
      }
      expect(index.size).toBe(1);
      expect(index.similarity(good, 0)).toBeCloseTo(1, 3);
    },

  'a slot that is no small integer is refused': async (rig) => {
    using index = await rig.open(2);
    for (const slot of [-1, 0.5, Number.NaN, Infinity, 2 ** 31]) {
      expectCode('VECTOR_INVALID', () => index.set(slot, Float32Array.of(1, 1)));
      expect(index.delete(slot)).toBe(false);
      expect(index.similarity(Float32Array.of(1, 1), slot)).toBeUndefined();
    }
    expect(index.size).toBe(0);
  },

  'it keeps a copy: whoever set a vector may write over it, and does not find it changed': async (rig) => {
    using index = await rig.open(2);
    const vector = Float32Array.of(3, 4);
    index.set(0, vector);
    index.nearest(vector, 1);
    expect([...vector]).toEqual([3, 4]);
    vector.set([4, -3]);
    expect(index.similarity(Float32Array.of(3, 4), 0)).toBeCloseTo(1, 3);
  },

  'closed twice it is closed, and refuses what it is asked': async (rig) => {
    const index = await rig.open(2);
    const vector = Float32Array.of(1, 1);
    index.set(0, vector);
    index.close();
    index.close();
    expect(index.size).toBe(0);
    for (const act of [
      () => index.set(0, vector),
      () => index.delete(0),
      () => index.nearest(vector, 1),
      () => index.similarity(vector, 0),
      () => index.save(),
    ])
      expectCode('CLOSED', act);
  },
};
