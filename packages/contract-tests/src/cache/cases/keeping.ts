import { RawObject } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { entryOf, expectCode, keyOf, put, textAt } from '../kit.ts';
import type { CacheStoreRig } from '../rig.ts';

/** Spellings that nothing may be lost of. */
const odd = '{ "n":1.0,"big":90071992547409931234,"e":"\\u0041é😀","empty":{},"list":[ 1 , 2 ]}';

export const keeping: Cases<CacheStoreRig> = {
  'what was written is read byte for byte, with how long it is fresh and how old it is': async ({ store }) => {
    const result = RawObject.read(Buffer.from(odd));
    await put(store, keyOf(), { result, freshMs: 60_000, staleMs: 1_000, shared: false });
    const { entry } = await store.read(keyOf());
    expect(entry?.result.text).toBe(odd);
    expect(entry?.freshMs).toBe(60_000);
    expect(entry?.ageMs).toBeGreaterThanOrEqual(0);
    expect(entry?.ageMs).toBeLessThan(30_000);
  },

  'there is nothing under a key to which nothing was written': async ({ store }) => {
    expect((await store.read(keyOf())).entry).toBeUndefined();
    await put(store, keyOf(), entryOf('one'));
    expect(await textAt(store, keyOf({ request: 'r2' }))).toBeUndefined();
  },

  'the later of two answers is kept': async ({ store }) => {
    await put(store, keyOf(), entryOf('one'));
    await put(store, keyOf(), entryOf('two'));
    expect(await textAt(store, keyOf())).toBe('two');
  },

  'what has no time at all is not kept': async ({ store }) => {
    for (const freshMs of [0, -1, Number.NaN]) await put(store, keyOf(), entryOf('one', { freshMs, staleMs: 1_000 }));
    expect(await textAt(store, keyOf())).toBeUndefined();
  },

  'an answer turns stale when its time is over, and is gone when that for stale ones is over too': async (rig) => {
    const { store } = rig;
    await put(store, keyOf(), entryOf('one', { freshMs: 100, staleMs: 60_000 }));
    await put(store, keyOf({ request: 'r2' }), entryOf('two', { freshMs: 100, staleMs: 100 }));
    await rig.advance(300);
    const { entry } = await store.read(keyOf());
    expect(entry?.result.string('text')).toBe('one');
    expect(entry?.freshMs).toBe(100);
    expect(entry?.ageMs).toBeGreaterThanOrEqual(295);
    expect(await textAt(store, keyOf({ request: 'r2' }))).toBeUndefined();
  },

  'a clean-up leaves what still has time': async (rig) => {
    const { store } = rig;
    await put(store, keyOf(), entryOf('one'));
    await put(store, keyOf({ request: 'r2' }), entryOf('two', { freshMs: 100 }));
    await rig.advance(200);
    expect([0, 1]).toContain(await store.cleanupExpired());
    expect(await textAt(store, keyOf())).toBe('one');
    expect(await textAt(store, keyOf({ request: 'r2' }))).toBeUndefined();
    expect(await store.cleanupExpired()).toBe(0);
  },

  'reads that find a fresh answer are hits, all others misses': async (rig) => {
    const { store } = rig;
    expect(store.stats()).toMatchObject({ hits: 0, misses: 0, requests: 0, hitRate: 0 });
    await put(store, keyOf(), entryOf('one', { freshMs: 500, staleMs: 60_000 }));
    for (let n = 0; n < 3; n++) await store.read(keyOf());
    expect(store.stats()).toMatchObject({ hits: 3, misses: 1, requests: 4, hitRate: 0.75, evictions: 0 });
    await rig.advance(600);
    await store.read(keyOf());
    expect(store.stats()).toMatchObject({ hits: 3, misses: 2, requests: 5 });
  },

  'many that read and write at once do not disturb each other': async ({ store }) => {
    const keys = Array.from({ length: 300 }, (_, n) => keyOf({ request: `r${n}`, server: `s${n % 3}` }));
    await Promise.all(keys.map((key) => put(store, key, entryOf(key.request))));
    const texts = await Promise.all(keys.map((key) => textAt(store, key)));
    expect(texts).toEqual(keys.map(({ request }) => request));
  },

  'closed twice it is closed, and refuses everything': async ({ store }) => {
    const { stamp } = await store.read(keyOf());
    await Promise.all([store.close(), store.close()]);
    await store.close();
    await expectCode('CLOSED', () => store.read(keyOf()));
    await expectCode('CLOSED', () => store.write(keyOf(), entryOf('one'), stamp));
    await expectCode('CLOSED', () => store.invalidate({ all: true }));
    await expectCode('CLOSED', () => store.cleanupExpired());
    expect(store.stats().requests).toBe(1);
  },
};
