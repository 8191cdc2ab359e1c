import { expect, it } from 'vitest';
import { schemaText } from './schema-text.ts';

it('reads names, descriptions and allowed words at all levels, and follows references', () => {
  const schema = {
    type: 'object',
    description: 'not of an argument',
    properties: {
      user: { $ref: '#/$defs/user' },
      tags: { type: 'array', items: { type: 'string', enum: ['red', 'blue', 7] } },
      when: { anyOf: [{ type: 'string', title: 'A date' }, { type: 'null' }] },
    },
    $defs: { user: { type: 'object', properties: { email: { type: 'string', description: 'Where to write to' } } } },
  };
  const { names, texts } = schemaText(schema);
  expect(names).toEqual(['user', 'tags', 'when', 'email']);
  expect(texts.toSorted()).toEqual(['A date', 'Where to write to', 'blue', 'red']);
});

it('passes over what is no schema', () => {
  for (const schema of [
    undefined,
    null,
    7,
    'x',
    [],
    { properties: 'x' },
    { properties: { a: null, b: 7 } },
    { $ref: '#/nowhere' },
    { enum: 'x' },
  ])
    expect(schemaText(schema).texts).toEqual([]);
});

it('ends with schemas that contain themselves, by reference or by identity', () => {
  const self: Record<string, unknown> = { properties: {} };
  self['properties'] = { child: self, other: { $ref: '#' }, third: { $ref: '#/properties/third' } };
  expect(schemaText(self).names).toEqual(['child', 'other', 'third']);
});

it('reads a bounded part of what is wide, long or deep', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 5000 }, (_, at) => [`p${at}`, { description: 'x'.repeat(1000) }]),
  );
  const wide = schemaText({ properties });
  expect(wide.names).toHaveLength(256);
  expect(wide.texts.join('').length).toBeLessThanOrEqual(16_384);
  let deep: unknown = { properties: { bottom: {} } };
  for (let level = 0; level < 10_000; level += 1) deep = { properties: { level: deep } };
  expect(schemaText(deep).names.length).toBeLessThan(10);
});
