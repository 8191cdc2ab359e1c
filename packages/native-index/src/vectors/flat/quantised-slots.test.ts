import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scriptKernel } from './kernel/kernel.ts';
import { QuantisedSlots } from './quantised-slots.ts';

const slotsAndVector = (dimension: number): fc.Arbitrary<[number, Float32Array]> =>
  fc.tuple(
    fc.oneof(fc.nat(20), fc.nat(3_000)),
    fc
      .array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: dimension, maxLength: dimension })
      .filter((numbers) => numbers.some((value) => value !== 0))
      .map((numbers) => Float32Array.from(numbers)),
  );

test('without WebAssembly the answers are the same to the last digit', () => {
  const run = fc.integer({ min: 1, max: 40 }).chain((dimension) =>
    fc.record({
      dimension: fc.constant(dimension),
      entries: fc.array(slotsAndVector(dimension), { minLength: 1, maxLength: 60 }),
      query: slotsAndVector(dimension),
      limit: fc.integer({ min: 1, max: 70 }),
      allowed: fc.option(fc.uint8Array({ max: 1, maxLength: 3_000 }), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(run, ({ dimension, entries, query, limit, allowed }) => {
      const fast = new QuantisedSlots(dimension, 2 ** 24);
      const plain = new QuantisedSlots(dimension, 2 ** 24, scriptKernel);
      for (const [slot, vector] of entries) {
        fast.set(slot, vector);
        plain.set(slot, vector);
      }
      const answer = fast.nearest(query[1], limit, allowed);
      expect(plain.nearest(query[1], limit, allowed)).toEqual(answer);
      const asked = [...answer.map(({ slot }) => slot), 2 ** 31, 21, -1];
      const scored = fast.similarities(query[1], asked);
      expect(plain.similarities(query[1], asked)).toEqual(scored);
      expect([...scored.subarray(0, answer.length)]).toEqual(answer.map(({ similarity }) => similarity));
      expect(scored[answer.length]).toBeNaN();
      const known = new Map(entries);
      const all = [...known.keys()].filter((slot) => allowed === undefined || allowed[slot] === 1);
      expect(answer).toHaveLength(Math.min(limit, all.length));
      expect([...fast.slots()]).toEqual([...known.keys()].toSorted((a, b) => a - b));
    }),
    { numRuns: 200 },
  );
});

test('between slots there are the cosines of their vectors, however many, with and without WebAssembly', () => {
  const dimension = 256;
  const fast = new QuantisedSlots(dimension, 2 ** 24);
  const plain = new QuantisedSlots(dimension, 2 ** 24, scriptKernel);
  let state = 1;
  const vectors = Array.from({ length: 1_300 }, () =>
    Float32Array.from({ length: dimension }, () => ((state = (state * 16_807) % 2_147_483_647) % 200) - 100),
  );
  vectors.forEach((vector, slot) => {
    fast.set(slot, vector);
    plain.set(slot, vector);
  });
  // More than lie in the kernel's memory at once.
  const from = [...Array.from({ length: 70 }, (_, at) => at * 11), 5_000];
  const to = [...vectors.keys(), -1];
  const cosines = fast.between(from, to);
  expect(plain.between(from, to)).toEqual(cosines);
  for (const [at, slot] of from.entries()) {
    const column = to.map((_, other) => cosines[other * from.length + at] ?? 0);
    if (slot === 5_000) expect(column.every(Number.isNaN)).toBe(true);
    else {
      const expected = fast.similarities(vectors[slot] ?? new Float32Array(), to);
      expect(
        Math.max(...column.slice(0, -1).map((cosine, other) => Math.abs(cosine - (expected[other] ?? 9)))),
      ).toBeLessThan(0.01);
      expect(column.at(-1)).toBeNaN();
    }
  }
});

test.each([5, 3_000, 16_384])(
  'between slots of %i dimensions the answers are the same without WebAssembly',
  (dimension) => {
    const fast = new QuantisedSlots(dimension, 2 ** 25);
    const plain = new QuantisedSlots(dimension, 2 ** 25, scriptKernel);
    for (let slot = 0; slot < 7; slot++) {
      const vector = Float32Array.from({ length: dimension }, (_, at) => ((at + 3) * (slot + 2)) % 17);
      fast.set(slot, vector);
      plain.set(slot, vector);
    }
    const slots = [0, 1, 2, 3, 4, 5, 6];
    const cosines = fast.between(slots, slots);
    expect(plain.between(slots, slots)).toEqual(cosines);
    for (const slot of slots) expect(cosines[slot * slots.length + slot]).toBeCloseTo(1, 5);
  },
);

test('V8 counts nothing for the vectors, so that room for more brings no collection of garbage on', () => {
  const slots = new QuantisedSlots(1_024, 2 ** 26);
  const before = process.memoryUsage().external;
  slots.set(30_000, new Float32Array(1_024).fill(1));
  expect(slots.has(30_000)).toBe(true);
  expect(process.memoryUsage().external - before).toBeLessThan(2 ** 24);
});

test('of equals the smaller slots come first, whatever the limit', () => {
  const slots = new QuantisedSlots(4, 2 ** 24);
  const same = Float32Array.of(1, 2, 3, 4);
  for (let slot = 2_999; slot >= 0; slot--) slots.set(slot, same);
  for (const limit of [1, 2, 7, 64, 1_500])
    expect(slots.nearest(same, limit).map(({ slot }) => slot)).toEqual(Array.from({ length: limit }, (_, i) => i));
});
