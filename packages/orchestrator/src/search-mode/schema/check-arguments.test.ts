import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { shown } from '../testing/shown.ts';
import { createArgumentCheck } from './check-arguments.ts';

const check = createArgumentCheck();

function mistakes(inputSchema: unknown, given: Record<string, unknown>): readonly string[] {
  return check(shown('tool', { inputSchema }), RawObject.of(given));
}

const text = { type: 'string' };
const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  ...more,
});

describe('arguments that do not fit', () => {
  it.each<[string, unknown, Record<string, unknown>, readonly string[]]>([
    ['type', object({ a: text }), { a: 1 }, ['a: Type "number" is invalid. Expected "string".']],
    ['required', object({}, { required: ['a'] }), {}, ['arguments: It does not have required property "a".']],
    ['enum', object({ a: { enum: ['x', 'y'] } }), { a: 'z' }, ['a: It does not match any of ["x","y"].']],
    [
      'nested',
      object({ a: object({ b: { type: 'array', items: text } }) }),
      { a: { b: ['x', null] } },
      ['a/b/1: Type "null" is invalid. Expected "string".'],
    ],
    ['additional', object({ a: text }, { additionalProperties: false }), { b: 1 }, ['b: It is not allowed here.']],
    [
      'reference',
      { $defs: { t: text }, ...object({ a: { $ref: '#/$defs/t' } }) },
      { a: 1 },
      ['a: Type "number" is invalid. Expected "string".'],
    ],
    ['minimum', object({ a: { minimum: 3 } }), { a: 1 }, ['a: 1 is less than 3.']],
    [
      'draft 4',
      { $schema: 'http://json-schema.org/draft-04/schema#', ...object({ a: { minimum: 3, exclusiveMinimum: true } }) },
      { a: 3 },
      ['a: 3 is less than or equal to  3.'],
    ],
    [
      'draft 7',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        ...object({ a: { type: 'array', items: [text], additionalItems: false } }),
      },
      { a: ['x', 'y'] },
      ['a/1: It is not allowed here.'],
    ],
  ])('are told: %s', (_, schema, given, expected) => {
    expect(mistakes(schema, given)).toEqual(expected);
  });

  it('are told five at most', () => {
    const letters = [...'abcdefgh'];
    const schema = object(Object.fromEntries(letters.map((letter) => [letter, text])));
    const said = mistakes(schema, Object.fromEntries(letters.map((letter) => [letter, 1])));
    expect(said).toHaveLength(6);
    expect(said.at(-1)).toBe('and 3 more');
  });

  it('are told in bounded words', () => {
    const said = mistakes(object({ a: { enum: ['x'.repeat(10_000)] } }), { a: 1 });
    expect(said[0]?.length).toBeLessThan(310);
  });
});

describe('what is left to the server', () => {
  it.each<[string, unknown, Record<string, unknown>]>([
    ['regular expressions', object({ a: { pattern: '^(a+)+$' } }), { a: `${'a'.repeat(100)}!` }],
    ['bad regular expressions', object({ a: { pattern: '(((' } }), { a: 'x' }],
    ['formats', object({ a: { format: 'email' } }), { a: 'x' }],
    ['what only a pattern allows', { patternProperties: { '^x-': {} }, additionalProperties: false }, { 'x-a': 1 }],
    ['a pattern that is denied', object({ a: { not: { pattern: '^-' } } }), { a: 'x' }],
    ['one of two patterns', object({ a: { oneOf: [{ pattern: '^a' }, { pattern: '^b' }] } }), { a: 'a' }],
    ['a pattern that decides', object({ a: { if: { pattern: '^a' }, then: { minLength: 9 } } }), { a: 'b' }],
    ['types that nobody knows', object({ a: { type: 'str' } }), { a: 'x' }],
    ['one of types that nobody knows', object({ a: { oneOf: [{ type: 'any' }, text] } }), { a: 'x' }],
    [
      'damaged keywords',
      { required: 'abc', properties: [], allOf: {}, enum: 7, items: 'x', minProperties: '9' },
      { x: 1 },
    ],
    ['references that lead out', object({ a: { $ref: 'https://example.com/schema.json' } }), { a: 1 }],
    ['references that lead nowhere', object({ a: { $ref: '#/$defs/none' } }), { a: 1 }],
    ['references that lead back', { allOf: [{ $ref: '#' }, { $ref: '#' }] }, { a: 1 }],
    [
      'a schema that pretends to know its references',
      object({ a: { $ref: '#/$defs/t', __absolute_ref__: 'x' } }, { $defs: { t: text } }),
      { a: 'x' },
    ],
    ['no schema', undefined, { a: 1 }],
    ['a schema that is none', 'schema', { a: 1 }],
  ])('%s', (_, schema, given) => {
    expect(mistakes(schema, given)).toEqual([]);
  });

  it('is not what stands beside it', () => {
    expect(
      mistakes(object({ a: { type: 'string', pattern: '^a' }, b: { oneOf: [text] } }), { a: 1, b: 2 }),
    ).toHaveLength(3);
    // Names of properties are no keywords.
    expect(mistakes(object({ pattern: text, enum: text, not: { not: {} } }), { pattern: 1, not: 1 })).toHaveLength(2);
  });
});

describe('hostile schemas and arguments cost little', () => {
  /** Each refers twice to the next: 2^60 ways. */
  const doubling = {
    $defs: Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `d${at}`,
        at === 59 ? text : { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
      ]),
    ),
    $ref: '#/$defs/d0',
  };
  /** Doubles with each level of the arguments. */
  const deepening = {
    $defs: { n: { properties: { a: { allOf: [{ $ref: '#/$defs/n' }, { $ref: '#/$defs/n' }] } } } },
    $ref: '#/$defs/n',
  };
  const deep = Array.from({ length: 60 }).reduce<Record<string, unknown>>((inner) => ({ a: inner }), {});
  const large = { a: Array.from({ length: 100_000 }, (_, at) => at) };

  it.each<[string, unknown, Record<string, unknown>]>([
    ['references that double', doubling, {}],
    ['references that double with the depth of the arguments', deepening, deep],
    [
      'arguments of 600 KB against many alternatives',
      object({ a: { items: { anyOf: Array.from({ length: 5_000 }, () => text) } } }),
      large,
    ],
    [
      'arguments of 600 KB against a long enumeration',
      object({ a: { items: { enum: ['x'.repeat(200_000)] } } }),
      large,
    ],
    ['arguments of 600 KB that should be unique', object({ a: { uniqueItems: true, items: text } }), large],
    [
      'a key of 500 KB',
      { allOf: Array.from({ length: 5_000 }, () => ({ additionalProperties: text })) },
      { ['k'.repeat(500_000)]: 1 },
    ],
    [
      'a text of 500 KB',
      object({ a: { allOf: Array.from({ length: 5_000 }, () => ({ maxLength: 3 })) } }),
      { a: 'k'.repeat(500_000) },
    ],
    ['a schema of 1 MB', object({ a: { type: 'string', description: 'x'.repeat(1_000_000) } }), { a: 1 }],
    ['arguments beyond 1 MB', object({ a: { type: 'number' } }), { a: 'x'.repeat(1_100_000) }],
    [
      'arguments 600 levels deep',
      { properties: { a: { $ref: '#' } } },
      Array.from({ length: 600 }).reduce<Record<string, unknown>>((inner) => ({ a: inner }), {}),
    ],
  ])('%s: they are left to the server', (_, schema, given) => {
    expect(mistakes(schema, given)).toEqual([]);
  });

  it('arguments that are large, not hostile, are still checked', () => {
    const schema = object({ rows: { type: 'array', items: object({ id: { type: 'integer' }, name: text }) } });
    const rows = Array.from({ length: 5_000 }, (_, id) => ({ id, name: id === 4_999 ? 7 : 'x' }));
    expect(mistakes(schema, { rows })).toEqual(['rows/4999/name: Type "number" is invalid. Expected "string".']);
  });
});
