import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exposedName } from './entries/names.ts';
import { mergeLists } from './merge-lists.ts';
import { listOf, offering } from './testing/offering.ts';

it('offers one of two tools whose names collide after all, always the same one, and reports the other', () => {
  const a = offering(
    'a',
    listOf([
      ['x', 'same'],
      ['y', 'other'],
    ]),
  );
  const b = offering('b', listOf([['z', 'same']]));
  for (const order of [
    [a, b],
    [b, a],
  ]) {
    const merged = mergeLists('tools', order);
    expect(merged.routes.get('same')?.upstream.id).toBe('a');
    const listed = Object.fromEntries(
      merged.parts.map((part) => [part.upstream.id, part.entries.map(({ name }) => name)]),
    );
    expect(listed).toEqual({ a: ['same', 'other'], b: [] });
    expect(merged.collisions.get(b)).toEqual([
      { kind: 'tools', entry: 'z', reason: 'The server a has the same name and goes first.' },
    ]);
  }
});

it('does not offer the other while the first is down', () => {
  const a = offering('a', listOf([['x', 'same']]));
  a.up = false;
  const b = offering('b', listOf([['z', 'same']]));
  const merged = mergeLists('tools', [a, b]);
  expect(merged.routes.get('same')?.upstream.id).toBe('a');
  expect(merged.parts.flatMap(({ entries }) => entries)).toEqual([]);
});

it('reports 100 collisions of a server at most', () => {
  const many = Array.from({ length: 150 }, (_, i) => [`t${i}`, `t${i}`] as const);
  const b = offering('b', listOf(many));
  expect(mergeLists('tools', [offering('a', listOf(many)), b]).collisions.get(b)).toHaveLength(100);
});

it('gives every tool a name that leads back to it, and that no other server changes by coming or going', () => {
  const id = fc.stringMatching(/^[a-c_.]{1,4}$/);
  const tools = fc.uniqueArray(fc.stringMatching(/^[a-c_. ]{0,4}$/), { maxLength: 6 });
  const fleets = fc.uniqueArray(fc.tuple(id, tools), { selector: ([name]) => name, minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fleets, fc.nat(4), (given, gone) => {
      const all = given.map(([server, keys]) =>
        offering(server, listOf(keys.map((key) => [key, exposedName(server, key)]))),
      );
      const fewer = all.filter((_, at) => at !== gone);
      const [whole, part] = [mergeLists('tools', all), mergeLists('tools', fewer)];
      expect(whole.routes.size).toBe(given.reduce((count, [, keys]) => count + keys.length, 0));
      for (const [server, keys] of given) {
        for (const key of keys) {
          const route = whole.routes.get(exposedName(server, key));
          expect([route?.upstream.id, route?.entry.key]).toEqual([server, key]);
        }
      }
      for (const [name, route] of part.routes) expect(whole.routes.get(name)).toEqual(route);
    }),
    { numRuns: 300 },
  );
});
