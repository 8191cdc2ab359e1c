import type { CacheKey } from '@toolyard/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { placeOf } from './place.ts';

const text = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('', ':', '\0', '\ud800', '�', 'a', 'ab', 'b'));
const keys: fc.Arbitrary<CacheKey> = fc.record({
  tenant: text,
  principal: text,
  server: text,
  topic: text,
  request: text,
});

it('two keys share a place of their own only where they are the same, and a shared one only within a tenant', () => {
  fc.assert(
    fc.property(keys, keys, (one, other) => {
      const [a, b] = [placeOf(one), placeOf(other)];
      const { principal, ...common } = one;
      const same =
        JSON.stringify(Object.values(common)) ===
        JSON.stringify(Object.values({ ...other, principal: undefined }).filter((value) => value !== undefined));
      expect(a.shared === b.shared).toBe(same);
      expect(a.own === b.own).toBe(same && principal === other.principal);
      expect(a.own).not.toBe(b.shared);
    }),
    { numRuns: 5_000 },
  );
});

it('moving a letter from one member to the next makes another key', () => {
  const members = ['tenant', 'principal', 'server', 'topic', 'request'] as const;
  fc.assert(
    fc.property(keys, fc.integer({ min: 0, max: 3 }), (key, at) => {
      const from = members[at] ?? 'tenant';
      const to = members[at + 1] ?? 'request';
      fc.pre(key[from].length > 0);
      const moved = { ...key, [from]: key[from].slice(0, -1), [to]: `${key[from].slice(-1)}${key[to]}` };
      expect(placeOf(moved).own).not.toBe(placeOf(key).own);
    }),
  );
});

it('names nothing of what was asked, or who asked it', () => {
  const place = placeOf({
    tenant: 'acme',
    principal: 'token-of-ann',
    server: 'files',
    topic: 'tools/list',
    request: 'r',
  });
  for (const name of Object.values(place)) expect(name).toMatch(/^[\w-]{43}$/);
});
