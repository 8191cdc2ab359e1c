import type { CacheKey } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { baseKey, entryOf, keyOf, put, textAt } from '../kit.ts';
import type { CacheStoreRig } from '../rig.ts';

const members: readonly (keyof CacheKey)[] = ['tenant', 'principal', 'server', 'topic', 'request'];

/** What might be taken for the end of one member and the beginning of the next, for a pattern, or for nothing. */
const marks = [':', '/', '|', ',', ' ', '\0', '"', '*', '{a}', '\\', '😀', '\ud800', '\ud801', '__proto__', ''];

export const owners: Cases<CacheStoreRig> = {
  "what is one principal's is no other's, and not even the same one's in another tenant": async ({ store }) => {
    await put(store, keyOf(), entryOf('secret'));
    expect(await textAt(store, keyOf({ principal: 'bob' }))).toBeUndefined();
    expect(await textAt(store, keyOf({ tenant: 'other' }))).toBeUndefined();
    expect(await textAt(store, keyOf({ tenant: 'ann', principal: 'acme' }))).toBeUndefined();
    expect(await textAt(store, keyOf())).toBe('secret');
  },

  "what is shared is every principal's of the tenant, and of no other tenant": async ({ store }) => {
    await put(store, keyOf(), entryOf('public', { shared: true }));
    expect(await textAt(store, keyOf({ principal: 'bob' }))).toBe('public');
    expect(await textAt(store, keyOf({ tenant: 'other' }))).toBeUndefined();
  },

  'of its own and a shared answer a principal reads the newer one': async (rig) => {
    const { store } = rig;
    await put(store, keyOf(), entryOf('own'));
    await rig.advance(50);
    await put(store, keyOf({ principal: 'bob' }), entryOf('shared', { shared: true }));
    expect(await textAt(store, keyOf({ principal: 'bob' }))).toBe('shared');
    await rig.advance(50);
    await put(store, keyOf(), entryOf('own again'));
    expect(await textAt(store, keyOf())).toBe('own again');
    expect(await textAt(store, keyOf({ principal: 'bob' }))).toBe('shared');
  },

  'keys that differ in any member share nothing, whatever they are made of': async ({ store }) => {
    const keys = marks.flatMap((mark) => [
      ...members.map((member) => keyOf({ [member]: `${baseKey[member]}${mark}x` })),
      // The same letters, cut in other places.
      keyOf({ server: `a${mark}b`, topic: 'c' }),
      keyOf({ server: 'a', topic: `b${mark}c` }),
    ]);
    const spelled = (key: CacheKey): string => JSON.stringify(members.map((member) => key[member]));
    const distinct = [...new Map(keys.map((key) => [spelled(key), key])).values()];
    for (const [n, key] of distinct.entries()) await put(store, key, entryOf(`${n}`));
    for (const [n, key] of distinct.entries()) expect(await textAt(store, key)).toBe(`${n}`);
  },
};
