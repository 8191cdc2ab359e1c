import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PackedLists } from './packed-lists.ts';

type Pairs = readonly (readonly [key: number, value: number])[];

function write(lists: PackedLists, list: number, pairs: Pairs): void {
  lists.write(list, Uint32Array.from(pairs.flat()), pairs.length);
}

function read(lists: PackedLists, list: number): Pairs {
  const count = lists.read(list);
  return Array.from({ length: count }, (_, at) => [lists.pairs[2 * at] ?? -1, lists.pairs[2 * at + 1] ?? -1] as const);
}

const number = fc.oneof(fc.nat(200), fc.nat(0xffff_ffff), fc.constant(0xffff_ffff));
const step = fc.record({ list: fc.nat(80), pairs: fc.array(fc.tuple(number, number), { maxLength: 60 }) });

it('holds what was written last, whatever the numbers, also after being saved', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model = new Map<number, Pairs>();
      let lists = new PackedLists();
      for (const { list, pairs } of steps) {
        write(lists, list, pairs);
        model.set(list, pairs);
      }
      for (const round of ['as made', 'as restored']) {
        for (const [list, expected] of model) expect(read(lists, list), `${round}, list ${list}`).toEqual(expected);
        lists = PackedLists.restore(lists.save(100), 100);
      }
    }),
  );
});

it('keeps lists that are longer than a chunk, and many of them', () => {
  const lists = new PackedLists();
  const long = Array.from({ length: 100_000 }, (_, at) => [at * 1_000, at] as const);
  for (const list of [3, 5]) write(lists, list, long);
  for (let list = 10; list < 20_000; list += 1) write(lists, list, long.slice(list, list + 10));
  expect(read(lists, 5)).toEqual(long);
  expect(read(lists, 19_999)).toEqual(long.slice(19_999, 20_009));
  const restored = PackedLists.restore(lists.save(20_000), 20_000);
  expect(read(restored, 3)).toEqual(long);
  expect(read(restored, 19_999)).toEqual(long.slice(19_999, 20_009));
});

it('takes no more memory when lists are replaced again and again, also after being restored', () => {
  let lists = new PackedLists();
  const fill = (round: number): void => {
    for (let list = 0; list < 100; list += 1)
      write(
        lists,
        list,
        Array.from({ length: 1 + ((list * 7 + round) % 20) }, (_, at) => [at * 300, at] as const),
      );
  };
  for (let round = 0; round < 20; round += 1) fill(round);
  const before = lists.byteLength;
  for (let round = 0; round < 200; round += 1) fill(round);
  expect(lists.byteLength).toBe(before);
  lists = PackedLists.restore(lists.save(100), 100);
  for (let round = 0; round < 200; round += 1) fill(round);
  expect(lists.byteLength).toBeLessThanOrEqual(2 * before);
});

it('refuses bytes that are not what was saved', () => {
  const lists = new PackedLists();
  write(lists, 0, [[7, 1]]);
  write(lists, 2, [[9, 2]]);
  const saved = lists.save(3);
  expect(() => PackedLists.restore(saved, 2)).toThrow(RangeError);
  expect(() => PackedLists.restore(saved, 4)).toThrow(RangeError);
  // More pairs than the block has.
  const damaged = saved.slice();
  damaged[1] = 100;
  expect(() => PackedLists.restore(damaged, 3)).toThrow(RangeError);
});
