import { describe, expect, it } from 'vitest';
import { oneLine, signature } from './signature.ts';

const text = { type: 'string' };

describe('a signature', () => {
  it.each<[unknown, string]>([
    [{ properties: { b: { type: 'integer' }, a: text }, required: ['a'] }, 'a: string, b?: integer'],
    [{ properties: { a: { enum: ['r', 'w', 3] } } }, 'a?: "r"|"w"|3'],
    [{ properties: { a: { enum: [1, 2, 3, 4, 5, 6, 7] } } }, 'a?: 1|2|3|4|5|6|…'],
    [{ properties: { a: { const: 'x' }, b: { type: ['string', 'null'] } } }, 'a?: "x", b?: string|null'],
    [{ properties: { a: { anyOf: [text, { type: 'null' }, text] } } }, 'a?: string|null'],
    [{ properties: { a: { type: 'array', items: { type: ['string', 'number'] } } } }, 'a?: (string|number)[]'],
    [
      { properties: { a: { type: 'array', items: { type: 'object', properties: { b: text } } } } },
      'a?: {b?: string}[]',
    ],
    [
      { $defs: { p: { properties: { x: text }, type: 'object' } }, properties: { a: { $ref: '#/$defs/p' } } },
      'a?: {x?: string}',
    ],
    [{ properties: { 'a b\n': text, c: true } }, '"a b\\n"?: string, c?: any'],
    [{ properties: { a: { $ref: '#/properties/a' } } }, 'a?: any'],
    [{ properties: [], required: 7 }, ''],
    ['schema', ''],
    [undefined, ''],
  ])('%j: %s', (schema, expected) => {
    expect(signature(schema)).toBe(expected);
  });

  it('is bounded in depth, breadth and length', () => {
    let schema: Record<string, unknown> = text;
    for (let depth = 0; depth < 50; depth++) schema = { type: 'object', properties: { a: schema } };
    expect(signature(schema)).toBe('a?: {a?: {a?: {a?: object}}}');
    const wide = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`p${at}`, {}]));
    expect(signature({ properties: wide })).toMatch(/, p23\?: any, …$/);
    expect(signature({ properties: { a: { enum: ['x'.repeat(1e6)] }, ['k'.repeat(1e6)]: text } }).length).toBeLessThan(
      150,
    );
    const long = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`p${at}`, { type: 'object', properties: wide }]),
    );
    expect(signature({ properties: long })).toHaveLength(600);
  });
});

describe('one line', () => {
  it.each([
    ['Reads a file from disk. Needs a path.', 'Reads a file from disk.'],
    ['  Reads\ta file\nand more', 'Reads a file'],
    ['Uses version 2.0 of it, e.g. this. Then more.', 'Uses version 2.0 of it, e.g.'],
    ['', ''],
    ['word '.repeat(100), `${'word '.repeat(31)}word…`],
  ])('of %j', (description, expected) => {
    expect(oneLine(description)).toBe(expected);
  });
});
