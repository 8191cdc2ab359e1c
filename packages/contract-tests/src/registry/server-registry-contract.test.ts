import { memoryServerRegistry, type RegisteredServer, type ServerRegistry } from '@toolyard/registry';
import { describe, expect, test } from 'vitest';
import { serverRegistryCases, serverRegistryContract, type ServerRegistryRig } from './server-registry-contract.ts';

const rigOf = (registry: ServerRegistry): ServerRegistryRig => ({
  registry,
  [Symbol.asyncDispose]: () => registry.close(),
});
const reference = (): ServerRegistry => memoryServerRegistry({ maxServers: 3 });

serverRegistryContract('memoryServerRegistry()', () => rigOf(reference()));

/** One in memory that does something else. */
function altered(alter: (registry: ServerRegistry) => Partial<ServerRegistry>): () => ServerRegistryRig {
  return () => {
    const registry = reference();
    return rigOf({ ...registry, ...alter(registry) });
  };
}

const sabotages: readonly [how: string, rig: () => ServerRegistryRig, title: string][] = [
  [
    'keeps half of a definition',
    altered((registry) => ({
      register: ({ id, target, priority, domains, capabilities, tags }) =>
        registry.register({ id, target, priority, domains, capabilities, tags }),
    })),
    'what was registered comes back as it was, and is not connected',
  ],
  [
    'makes servers up',
    altered((registry) => ({
      get: async (id) => {
        if ((await registry.get(id)) === undefined)
          await registry.register({
            id: 'x',
            target: { url: 'x:' },
            priority: 0,
            domains: [],
            capabilities: [],
            tags: [],
          });
        return registry.get(id);
      },
    })),
    'what is not there is undefined, and in no list',
  ],
  [
    'compares words without regard to case',
    altered((registry) => ({
      byDomain: async (domain) =>
        (await registry.all()).filter(({ definition }) =>
          definition.domains.some((one) => one.toLowerCase() === domain.toLowerCase()),
        ),
    })),
    'servers are found by domain and by capability, exactly so',
  ],
  [
    'asks the higher number first',
    altered((registry) => ({ all: async () => (await registry.all()).toReversed() })),
    'lists come by precedence: the lower priority first, then the id',
  ],
  [
    'forgets why',
    altered((registry) => ({ markDisconnected: (id) => registry.markDisconnected(id) })),
    'a server is connected from when it is marked so until it is marked otherwise, with the reason',
  ],
  [
    'keeps no reason that is long',
    altered((registry) => ({
      markDisconnected: (id, reason = '') => registry.markDisconnected(id, reason.length > 1_024 ? '' : reason),
    })),
    'of a reason 1,024 characters are kept',
  ],
  [
    'keeps the first definition',
    altered((registry) => ({
      register: async (definition) => {
        if ((await registry.get(definition.id)) === undefined) await registry.register(definition);
      },
    })),
    'another definition takes the place of the first, and leaves it connected',
  ],
  [
    'only marks what is taken out',
    altered((registry) => ({
      unregister: async (id) => {
        await registry.markDisconnected(id);
        return true;
      },
    })),
    'a server that is taken out is gone, and comes back as not connected',
  ],
  [
    'takes no notice of marks for nobody',
    altered((registry) => ({ markConnected: (id) => registry.markConnected(id).catch(() => undefined) })),
    'nobody is marked who is not there',
  ],
  [
    'takes every id',
    altered((registry) => ({
      register: (definition) => registry.register({ ...definition, id: definition.id.toLowerCase() }),
    })),
    'a definition that is wrong is refused, and nothing has changed',
  ],
  [
    'has no bounds',
    () => rigOf(memoryServerRegistry()),
    'what does not fit is refused; what is there can still be changed, and room be made',
  ],
  [
    'hands out what it keeps',
    altered((registry) => {
      const kept = new Map<string, RegisteredServer>();
      const all = async (): Promise<readonly RegisteredServer[]> => {
        for (const one of await registry.all())
          if (!kept.has(one.definition.id)) kept.set(one.definition.id, structuredClone(one));
        return [...kept.values()];
      };
      return { all, byDomain: all };
    }),
    'who changes what was handed in or out changes nothing',
  ],
  [
    'checks, waits, and removes',
    altered((registry) => ({
      unregister: async (id) => {
        const known = await registry.get(id);
        await Promise.resolve();
        await registry.unregister(id);
        return known !== undefined;
      },
    })),
    'what is done at the same time ends as if done in turn',
  ],
  [
    'answers when it is closed',
    altered(() => ({ get: async () => undefined })),
    'closed twice it is closed, and refuses what it is asked',
  ],
];

describe('the suite of registries fails one that', () => {
  test.each(sabotages)('%s', async (_, open, title) => {
    await using rig = open();
    await expect(serverRegistryCases[title]?.(rig)).rejects.toThrow();
  });

  test('does any of these, and has a case for each', () => {
    expect(sabotages.map(([, , title]) => title)).toEqual(Object.keys(serverRegistryCases));
  });
});
