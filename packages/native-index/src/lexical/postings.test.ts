import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Postings } from './postings.ts';

function read(lists: Postings, list: number): readonly (readonly [key: number, mark: number])[] {
  const start = lists.start(list);
  return Array.from(
    { length: lists.length(list) },
    (_, at) => [lists.keys(list)[start + at] ?? -1, lists.marks(list)[start + at] ?? -1] as const,
  );
}

const step = fc.record({ list: fc.nat(80), key: fc.nat(300), remove: fc.boolean() });

it('holds what was inserted and not deleted, in the order of the keys', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), fc.boolean(), (steps, backwards) => {
      const model = new Map<number, Map<number, number>>();
      const lists = backwards ? new Postings((key) => -key) : new Postings();
      steps.forEach(({ list, key, remove }, mark) => {
        const expected = model.get(list) ?? new Map<number, number>();
        model.set(list, expected);
        if (remove) {
          lists.delete(list, key);
          expected.delete(key);
        } else if (!expected.has(key)) {
          lists.insert(list, key, mark);
          expected.set(key, mark);
        }
      });
      for (const [list, expected] of model)
        expect(read(lists, list)).toEqual([...expected].sort(([a], [b]) => (backwards ? b - a : a - b)));
    }),
  );
});

it('keeps lists that are longer than a chunk', () => {
  const lists = new Postings();
  for (let key = 0; key < 60_000; key += 1) for (const list of [1, 2]) lists.insert(list, key, key % 1000);
  for (let key = 0; key < 60_000; key += 3) lists.delete(1, key);
  expect(lists.length(1)).toBe(40_000);
  expect(read(lists, 1).slice(-2)).toEqual([
    [59_998, 998],
    [59_999, 999],
  ]);
  expect(read(lists, 2)[59_997]).toEqual([59_997, 997]);
  for (let key = 0; key < 60_000; key += 1) lists.delete(1, key);
  expect(lists.length(1)).toBe(0);
});

it('gives outgrown blocks to other lists', () => {
  const lists = new Postings();
  const arrays = new Set<Uint32Array>();
  for (let round = 0; round < 1000; round += 1) {
    for (let key = 0; key < 100; key += 1) {
      lists.insert(round % 3, key, key);
      arrays.add(lists.keys(round % 3));
    }
    for (let key = 0; key < 100; key += 1) lists.delete(round % 3, key);
  }
  expect(arrays.size).toBeLessThan(4);
});
