import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLong, jsonPieces } from './tool-json.ts';

const written = (value: unknown): string => [...jsonPieces(value)].join('');

/** As long as makes it be written in pieces. */
const filled = (value: unknown): unknown => [value, 'x'.repeat(40_000), { value }];

it('pieces together are what JSON.stringify writes', () => {
  const odd = fc.constantFrom(undefined, () => 1, Symbol('none'), new Date(0), { toJSON: () => 'own' }, NaN, Infinity);
  const value = fc.anything({
    values: [fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), odd)],
    maxDepth: 4,
  });
  fc.assert(fc.property(value, (one) => void expect(written(filled(one))).toBe(JSON.stringify(filled(one)))));
});

it('a long text is written in short pieces, none of which begins within a letter', () => {
  for (const text of ['a"\n😀', 'ab"\n😀', '\ud83d', '\ude00', 'naïve 東京'].map((part) => part.repeat(30_000))) {
    const pieces = [...jsonPieces(text)];
    expect(pieces.join('')).toBe(JSON.stringify(text));
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(250_000);
  }
});

it('an object or a list of very many members is written one after another', () => {
  const members = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`parameter_${at}`, { type: 'string' }]));
  for (const value of [members, Object.values(members), Array.from({ length: 50_000 })]) {
    expect(isLong(value)).toBe(true);
    const pieces = [...jsonPieces(value)];
    expect(pieces.join('')).toBe(JSON.stringify(value));
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(40);
  }
});

it('what is deeper than any schema, or goes in a circle, is found to be so', () => {
  let deep: unknown = 'x'.repeat(40_000);
  for (let depth = 0; depth < 500; depth += 1) deep = { deep };
  expect(written(deep)).toBe(JSON.stringify(deep));
  const circle: Record<string, unknown> = { text: 'x'.repeat(40_000) };
  circle['circle'] = circle;
  expect(() => written(circle)).toThrow(TypeError);
  let bottomless: unknown = 1;
  for (let depth = 0; depth < 200_000; depth += 1) bottomless = [bottomless];
  expect(() => written(bottomless)).toThrow(RangeError);
});

it('most tools are short', () => {
  expect(
    isLong({ name: 'read_file', description: 'Reads a file. '.repeat(1_000), inputSchema: { type: 'object' } }),
  ).toBe(false);
  expect(isLong({ description: 'x'.repeat(33_000) })).toBe(true);
});
