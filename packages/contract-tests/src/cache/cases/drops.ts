import type { CacheInvalidation, CacheKey } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { entryOf, keyOf, put, textAt } from '../kit.ts';
import type { CacheStoreRig } from '../rig.ts';

const mine = keyOf();
const others: Readonly<Record<string, CacheKey>> = {
  'another page': keyOf({ request: 'r2' }),
  'another principal': keyOf({ principal: 'bob' }),
  'another tenant': keyOf({ tenant: 'other' }),
  'another topic': keyOf({ topic: 'prompts/list' }),
  'another server': keyOf({ server: 'mail' }),
};

/** Which of the other keys still have an answer after the drop. */
async function leftAfter({ store }: CacheStoreRig, what: CacheInvalidation): Promise<readonly string[]> {
  for (const key of [mine, ...Object.values(others)]) await put(store, key, entryOf('one'));
  await store.invalidate(what);
  expect(await textAt(store, mine)).toBeUndefined();
  const left: string[] = [];
  for (const [name, key] of Object.entries(others)) if ((await textAt(store, key)) === 'one') left.push(name);
  return left;
}

const concerning: readonly CacheInvalidation[] = [
  { all: true },
  { server: 'files' },
  { server: 'files', topics: ['tools/call', 'tools/list'] },
  { key: mine },
];

export const drops: Cases<CacheStoreRig> = {
  'a drop of topics takes every page, principal and tenant of them, and nothing of other topics': async (rig) => {
    const left = await leftAfter(rig, { server: 'files', topics: ['tools/list'] });
    expect(left).toEqual(['another topic', 'another server']);
  },

  'a drop of a server takes all that it answered, and nothing of other servers': async (rig) => {
    expect(await leftAfter(rig, { server: 'files' })).toEqual(['another server']);
  },

  'a drop of everything takes everything': async (rig) => {
    expect(await leftAfter(rig, { all: true })).toEqual([]);
  },

  'a drop of a key takes what it could have read, and nothing of other topics': async (rig) => {
    const left = await leftAfter(rig, { key: mine });
    expect(left).toEqual(expect.arrayContaining(['another topic', 'another server']));
    await put(rig.store, keyOf({ principal: 'bob' }), entryOf('shared', { shared: true }));
    expect(await textAt(rig.store, mine)).toBe('shared');
    await rig.store.invalidate({ key: mine });
    expect(await textAt(rig.store, mine)).toBeUndefined();
  },

  'a drop is in force for reads that begin after it was asked for, not only after it is done': async ({ store }) => {
    for (const what of concerning) {
      await put(store, mine, entryOf('one'));
      const dropping = store.invalidate(what);
      const text = await textAt(store, mine);
      await dropping;
      expect(text).toBeUndefined();
    }
  },

  'an answer to a call that began before a drop is not kept': async ({ store }) => {
    for (const what of concerning) {
      for (const shared of [false, true]) {
        const { stamp } = await store.read(mine);
        await store.invalidate(what);
        await store.write(mine, entryOf('old', { shared }), stamp);
        expect(await textAt(store, mine)).toBeUndefined();
        await put(store, mine, entryOf('new', { shared }));
        expect(await textAt(store, mine)).toBe('new');
        await store.invalidate({ all: true });
      }
    }
  },

  'a stamp is another one after a drop, and the same one as long as there is none': async ({ store }) => {
    for (const what of concerning) {
      const before = await store.read(mine);
      expect((await store.read(mine)).stamp).toBe(before.stamp);
      await store.invalidate(what);
      expect((await store.read(mine)).stamp).not.toBe(before.stamp);
    }
  },

  'thousands of drops of what nobody asked for do not make an earlier one forgotten': async ({ store }) => {
    const { stamp } = await store.read(mine);
    await store.invalidate({ server: 'files', topics: ['tools/list'] });
    const topics = Array.from({ length: 12_000 }, (_, n) => `resources/read ${n}`);
    await Promise.all(topics.map((topic) => store.invalidate({ server: 'mail', topics: [topic] })));
    await store.write(mine, entryOf('old'), stamp);
    expect(await textAt(store, mine)).toBeUndefined();
    await put(store, mine, entryOf('new'));
    expect(await textAt(store, mine)).toBe('new');
  },
};
