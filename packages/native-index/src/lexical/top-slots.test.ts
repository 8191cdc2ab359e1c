import fc from 'fast-check';
import { expect, it } from 'vitest';
import { topSlots } from './top-slots.ts';

it('finds the best, the worst of them first, lower slots rather than higher ones where scores are the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      (values, limit) => {
        const scores = Float32Array.from(values);
        const slots = Uint32Array.from(values.keys());
        const expected = [...slots].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, limit);
        const found = topSlots(slots.toReversed(), slots.length, scores, limit);
        expect(found[0]).toBe(expected.at(-1));
        expect(found.toSorted()).toEqual(Uint32Array.from(expected).sort());
      },
    ),
  );
});
