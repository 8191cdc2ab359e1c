import { type CacheKey, type CacheRead, type CacheStore, RawObject } from '@toolyard/protocol';
import { describe, expect, test } from 'vitest';
import { mapRig } from '../testing/map-store.ts';
import { cacheStoreCases, cacheStoreContract } from './cache-store-contract.ts';

cacheStoreContract('mapStore()', () => mapRig());

/** The store with another key in place of each. */
function rekeyed(change: (key: CacheKey) => CacheKey): (store: CacheStore) => Partial<CacheStore> {
  return (store) => ({
    read: (key) => store.read(change(key)),
    write: (key, ...rest) => store.write(change(key), ...rest),
  });
}

/** The store with what was read altered. */
function reread(change: (read: CacheRead) => CacheRead): (store: CacheStore) => Partial<CacheStore> {
  return (store) => ({ read: async (key) => change(await store.read(key)) });
}

const sabotages: readonly [how: string, alter: (store: CacheStore) => Partial<CacheStore>, title: string][] = [
  [
    'parses what it keeps',
    reread(({ entry, stamp }) => ({
      entry: entry && { ...entry, result: RawObject.of({ ...Object(entry.result.value) }) },
      stamp,
    })),
    'what was written is read byte for byte, with how long it is fresh and how old it is',
  ],
  [
    'does not look at the request',
    rekeyed((key) => ({ ...key, request: '' })),
    'there is nothing under a key to which nothing was written',
  ],
  [
    'keeps what it has',
    (store) => ({
      write: async (key, ...rest) => void ((await store.read(key)).entry ?? (await store.write(key, ...rest))),
    }),
    'the later of two answers is kept',
  ],
  [
    'keeps what is stale from the beginning',
    (store) => ({
      write: (key, entry, stamp) => store.write(key, { ...entry, freshMs: Math.max(1, entry.freshMs || 0) }, stamp),
    }),
    'what has no time at all is not kept',
  ],
  [
    'keeps everything for ever',
    (store) => ({ write: (key, entry, stamp) => store.write(key, { ...entry, staleMs: 1e9 }, stamp) }),
    'an answer turns stale when its time is over, and is gone when that for stale ones is over too',
  ],
  [
    'cleans up too well',
    (store) => ({ cleanupExpired: async () => (await store.invalidate({ all: true }), 1) }),
    'a clean-up leaves what still has time',
  ],
  [
    'does not count',
    (store) => ({ stats: () => ({ ...store.stats(), hits: 0 }) }),
    'reads that find a fresh answer are hits, all others misses',
  ],
  [
    'loses every hundredth',
    (store) => {
      let count = 0;
      return { write: async (...given) => (++count % 100 === 0 ? undefined : store.write(...given)) };
    },
    'many that read and write at once do not disturb each other',
  ],
  ['cannot be closed', () => ({ close: async () => {} }), 'closed twice it is closed, and refuses everything'],
  [
    'does not look at who asks',
    rekeyed((key) => ({ ...key, principal: '' })),
    "what is one principal's is no other's, and not even the same one's in another tenant",
  ],
  [
    'does not look at the tenant',
    rekeyed((key) => ({ ...key, tenant: '' })),
    "what is shared is every principal's of the tenant, and of no other tenant",
  ],
  [
    'shares what it once shared for good',
    (store) => ({
      write: (key, entry, stamp) =>
        store.write(entry.shared ? key : { ...key, topic: `own ${key.topic}` }, entry, stamp),
    }),
    'of its own and a shared answer a principal reads the newer one',
  ],
  [
    'joins the members of a key with a colon',
    rekeyed((key) => ({ ...key, server: '', topic: `${key.server}:${key.topic}` })),
    'keys that differ in any member share nothing, whatever they are made of',
  ],
  [
    'drops the topics of all servers',
    (store) => ({ invalidate: (what) => store.invalidate('topics' in what ? { all: true } : what) }),
    'a drop of topics takes every page, principal and tenant of them, and nothing of other topics',
  ],
  [
    'drops everything with a server',
    (store) => ({ invalidate: (what) => store.invalidate('server' in what ? { all: true } : what) }),
    'a drop of a server takes all that it answered, and nothing of other servers',
  ],
  [
    'drops one server with everything',
    (store) => ({ invalidate: (what) => store.invalidate('all' in what ? { server: 'files' } : what) }),
    'a drop of everything takes everything',
  ],
  [
    'leaves what is shared under a key',
    (store) => ({ invalidate: async (what) => ('key' in what ? undefined : store.invalidate(what)) }),
    'a drop of a key takes what it could have read, and nothing of other topics',
  ],
  [
    'drops a little later',
    (store) => ({
      invalidate: async (what) => {
        await new Promise(setImmediate);
        await store.invalidate(what);
      },
    }),
    'a drop is in force for reads that begin after it was asked for, not only after it is done',
  ],
  [
    'writes what is older than a drop',
    (store) => ({ write: async (key, entry) => store.write(key, entry, (await store.read(key)).stamp) }),
    'an answer to a call that began before a drop is not kept',
  ],
  [
    'has one stamp for all times',
    reread(({ entry }) => ({ entry, stamp: '' })),
    'a stamp is another one after a drop, and the same one as long as there is none',
  ],
  [
    'forgets drops that are long ago',
    (store) => {
      const drops: string[] = [];
      const stamp = ({ server }: CacheKey): string => String(drops.slice(-1_000).lastIndexOf(server));
      return {
        read: async (key) => ({ ...(await store.read(key)), stamp: stamp(key) }),
        write: async (key, entry, given) =>
          given === stamp(key) ? store.write(key, entry, (await store.read(key)).stamp) : undefined,
        invalidate: async (what) => void drops.push('server' in what ? what.server : ''),
      };
    },
    'thousands of drops of what nobody asked for do not make an earlier one forgotten',
  ],
];

describe('the suite of cache stores fails one that', () => {
  test.each(sabotages)('%s', async (_, alter, title) => {
    await using rig = mapRig(alter);
    await expect(cacheStoreCases[title]?.(rig)).rejects.toThrow();
  });

  test('does any of these, and has a case for each', () => {
    expect(sabotages.map(([, , title]) => title)).toEqual(Object.keys(cacheStoreCases));
  });
});
