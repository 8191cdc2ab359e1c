import fc from 'fast-check';
import { expect, it } from 'vitest';
import { topSlots } from './top-slots.ts';

it('finds the best, best first, lower slots before higher ones where scores are the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      (values, limit) => {
        const scores = Float32Array.from(values);
        const slots = Uint32Array.from(values.keys());
        const expected = [...slots].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b).slice(0, limit);
        expect([...topSlots(slots.toReversed(), slots.length, scores, limit)]).toEqual(expected);
      },
    ),
  );
});
