import { ToolyardError } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { seededRandom } from '../../random.ts';
import { fill, put, recall, slotsOf, vectorSource } from '../kit.ts';
import type { VectorIndexRig } from '../rig.ts';

const dimension = 32;

async function refusal(rig: VectorIndexRig, saved: Uint8Array, size = dimension): Promise<unknown> {
  try {
    using index = await rig.open(size, saved);
    return `opened with ${index.size} vectors`;
  } catch (error) {
    return ToolyardError.is(error) ? error.code : error;
  }
}

export const storage: Cases<VectorIndexRig> = {
  'what was saved is found after it was loaded, with the same answers, and can be changed': async (rig) => {
    using before = await rig.open(dimension);
    const next = vectorSource(dimension);
    const vectors = fill(before, 1_200, next);
    for (let slot = 0; slot < 1_200; slot += 5) {
      before.delete(slot);
      vectors.delete(slot);
    }
    using after = await rig.open(dimension, before.save());
    expect(after.size).toBe(960);
    expect(recall(after, vectors, next)).toBeGreaterThanOrEqual(0.95);
    const query = next();
    for (const slot of [0, 1, 2, 1_199]) expect(after.similarity(query, slot)).toEqual(before.similarity(query, slot));
    put(after, vectors, 0, query);
    put(after, vectors, 1, next());
    expect(after.delete(2)).toBe(true);
    expect(slotsOf(after.nearest(query, 1))).toEqual([0]);
    expect(before.size).toBe(960);
  },

  'saving changes nothing, and what was saved is a copy': async (rig) => {
    using before = await rig.open(dimension);
    const next = vectorSource(dimension);
    fill(before, 20, next);
    const saved = before.save();
    const query = next();
    const answer = before.nearest(query, 20);
    before.set(0, next());
    before.delete(1);
    using after = await rig.open(dimension, saved);
    expect(after.nearest(query, 20)).toEqual(answer);
    // Also from the middle of other bytes, which nobody aligned.
    const inside = new Uint8Array(saved.byteLength + 3);
    inside.set(saved, 3);
    using again = await rig.open(dimension, inside.subarray(3));
    expect(again.nearest(query, 20)).toEqual(answer);
  },

  'an empty index can be saved and loaded': async (rig) => {
    using before = await rig.open(dimension);
    using after = await rig.open(dimension, before.save());
    expect(after.size).toBe(0);
    const vector = vectorSource(dimension)();
    after.set(0, vector);
    expect(slotsOf(after.nearest(vector, 1))).toEqual([0]);
  },

  'what was saved with another dimension is refused': async (rig) => {
    using index = await rig.open(dimension);
    fill(index, 10, vectorSource(dimension));
    for (const other of [dimension / 2, dimension + 1, dimension * 10])
      expect(await refusal(rig, index.save(), other)).toBe('INDEX_INVALID');
  },

  'what was cut, lengthened, altered or never saved is refused': async (rig) => {
    using index = await rig.open(dimension);
    fill(index, 50, vectorSource(dimension));
    const saved = index.save();
    const random = seededRandom(9);
    for (const length of [0, 1, 4, 8, 15, 16, 100, saved.byteLength - 1])
      expect(await refusal(rig, saved.slice(0, length))).toBe('INDEX_INVALID');
    expect(await refusal(rig, Uint8Array.from([...saved, 0]))).toBe('INDEX_INVALID');
    expect(await refusal(rig, new TextEncoder().encode('no vectors '.repeat(100)))).toBe('INDEX_INVALID');
    for (let n = 0; n < 100; n++) {
      const damaged = saved.slice();
      const at = n < 24 ? n : Math.floor(random() * damaged.length);
      damaged[at] = (damaged[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      expect(await refusal(rig, damaged)).toBe('INDEX_INVALID');
    }
  },
};
