import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PairLists } from './pair-lists.ts';

function pairsOf(lists: PairLists, list: number): readonly (readonly [number, number])[] {
  const start = lists.start(list);
  return Array.from(
    { length: lists.length(list) },
    (_, at) => [lists.data[start + 2 * at] ?? -1, lists.data[start + 2 * at + 1] ?? -1] as const,
  );
}

const step = fc.record({
  list: fc.nat(80),
  key: fc.nat(12),
  kind: fc.constantFrom('push', 'push', 'push', 'delete', 'clear'),
});

it('holds what was pushed and not deleted, whatever the order, also after being saved', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const model = new Map<number, Map<number, number>>();
      let lists = new PairLists();
      steps.forEach(({ list, key, kind }, value) => {
        const expected = model.get(list) ?? new Map<number, number>();
        model.set(list, expected);
        if (kind === 'clear') {
          lists.clear(list);
          expected.clear();
        } else if (kind === 'delete') {
          lists.delete(list, key);
          expected.delete(key);
        } else if (!expected.has(key)) {
          lists.push(list, key, value);
          expected.set(key, value);
        }
      });
      for (const round of ['as made', 'as restored']) {
        for (const [list, expected] of model)
          expect(new Map(pairsOf(lists, list)), `${round}, list ${list}`).toEqual(expected);
        lists = PairLists.restore(...lists.save(100));
      }
    }),
  );
});

it('gives outgrown blocks to other lists', () => {
  const lists = new PairLists();
  for (let round = 0; round < 1000; round += 1) {
    for (let key = 0; key < 100; key += 1) lists.push(round % 3, key, key);
    lists.clear(round % 3);
  }
  expect(lists.data.length).toBeLessThan(4096);
});
