import type { VectorIndex } from '@toolyard/protocol';
import { describe, expect, test } from 'vitest';
import { exactIndex, exactRig } from '../testing/exact-index.ts';
import type { VectorIndexRig } from './rig.ts';
import { vectorIndexCases, vectorIndexContract } from './vector-index-contract.ts';

vectorIndexContract('exactIndex()', exactRig);

/** The reference with some of its methods replaced; getters stay getters. */
const altered = (change: (index: VectorIndex, saved?: Uint8Array) => Partial<VectorIndex>): (() => VectorIndexRig) => {
  return () =>
    exactRig((index, saved) =>
      Object.defineProperties(
        Object.create(null),
        Object.assign(Object.getOwnPropertyDescriptors(index), Object.getOwnPropertyDescriptors(change(index, saved))),
      ),
    );
};

const sabotages: readonly [how: string, rig: () => VectorIndexRig, title: string][] = [
  [
    'looks at every second slot only',
    altered((index) => ({
      nearest: (query, limit, allowed) =>
        index
          .nearest(query, limit * 2, allowed)
          .filter(({ slot }) => slot % 2 === 0)
          .slice(0, limit),
    })),
    'the nearest are found among three thousand: 97 of 100',
  ],
  [
    'answers worst first',
    altered((index) => ({ nearest: (...asked) => index.nearest(...asked).toReversed() })),
    'answers come best first, and similarity() agrees with nearest() and with the cosine to 0.02',
  ],
  [
    'filters what it has found',
    altered((index) => ({
      nearest: (query, limit, allowed) =>
        index.nearest(query, limit).filter(({ slot }) => allowed === undefined || allowed[slot] === 1),
    })),
    'with a filter that leaves one in a hundred, as many are found and as well',
  ],
  [
    'filters four times as many as are wanted',
    altered((index) => ({
      nearest: (query, limit, allowed) =>
        index
          .nearest(query, limit * 4)
          .filter(({ slot }) => allowed === undefined || allowed[slot] === 1)
          .slice(0, limit),
    })),
    'with a filter that leaves half, or what is far from the query, the nearest of those are found',
  ],
  [
    'takes the dot product for the cosine',
    altered(() => ({ similarity: (query, slot) => (query[0] ?? 0) * slot })),
    'only the direction counts, from the smallest numbers to the largest',
  ],
  [
    'deletes nothing',
    altered(() => ({ delete: () => true })),
    'a deleted vector is found no more, and its slot can be used again',
  ],
  [
    'keeps the first of a slot',
    altered((index) => {
      const seen = new Set<number>();
      return {
        set: (slot, vector) => {
          if (!seen.has(slot)) index.set(slot, vector);
          seen.add(slot);
        },
      };
    }),
    'setting a slot again replaces what it held',
  ],
  [
    'takes in the zero vector',
    altered((index) => ({
      set: (slot, vector) => index.set(slot, vector.every((value) => value === 0) ? vector.fill(1) : vector),
    })),
    'a vector of another length, with a number that is none, or without direction is refused, and nothing changes',
  ],
  [
    'closes for the first time only',
    altered((index) => ({
      close: () => {
        if (index.size === 0) throw new Error('closed already');
        index.close();
      },
    })),
    'closed twice it is closed, and refuses what it is asked',
  ],
  [
    'saves nothing',
    altered((index) => ({ save: () => exactIndex(index.dimension).save() })),
    'what was saved is found after it was loaded, with the same answers, and can be changed',
  ],
  [
    'loads what is damaged as empty',
    () => ({
      open: async (dimension, saved) => {
        try {
          return exactIndex(dimension, saved);
        } catch {
          return exactIndex(dimension);
        }
      },
      [Symbol.asyncDispose]: async () => {},
    }),
    'what was cut, lengthened, altered or never saved is refused',
  ],
];

describe('the suite notices an index that', () => {
  test.each(sabotages)('%s', async (_how, open, title) => {
    const check = vectorIndexCases[title];
    if (check === undefined) throw new Error(`there is no case "${title}"`);
    await using rig = open();
    await expect(check(rig)).rejects.toThrow();
  });
});
