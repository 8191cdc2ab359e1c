import type { RegisteredServer, ServerDefinition, ServerRegistry } from '@toolyard/registry';
import { expect } from 'vitest';
import type { Cases, Gaps } from '../contract.ts';
import { registerContract } from '../contract.ts';

/** What a registry of servers brings to its suite. */
export interface ServerRegistryRig extends AsyncDisposable {
  /** The one under test: empty, with room for three servers. */
  readonly registry: ServerRegistry;
}

/** Every kind of member that a definition has. */
const full: ServerDefinition = {
  id: 'files',
  name: 'Files “é”',
  target: { url: 'https://files.example.com/mcp', headers: { authorization: 'Bearer t' }, start: { command: 'x' } },
  transport: 'http',
  priority: -5,
  domains: ['storage', 'ops'],
  capabilities: ['read'],
  tags: ['work'],
  instances: { min: 1, max: 4 },
  timeoutMs: 1_000,
};

function server(id: string, more: Partial<ServerDefinition> = {}): ServerDefinition {
  return { id, target: { command: 'node' }, priority: 0, domains: [], capabilities: [], tags: [], ...more };
}

const idsOf = (servers: readonly RegisteredServer[]): readonly string[] =>
  servers.map(({ definition }) => definition.id);
const rejected = (code: string): unknown => expect.objectContaining({ code });

/** Changes what may be frozen. */
function tamper(change: () => void): void {
  try {
    change();
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
  }
}

export const serverRegistryCases: Cases<ServerRegistryRig> = {
  'what was registered comes back as it was, and is not connected': async ({ registry }) => {
    expect(registry.contract).toBe('registry/1');
    await registry.register(full);
    expect(await registry.get('files')).toEqual({ definition: full, connected: false });
    expect(await registry.all()).toEqual([{ definition: full, connected: false }]);
  },

  'what is not there is undefined, and in no list': async ({ registry }) => {
    expect(await registry.get('files')).toBeUndefined();
    expect(await registry.get('__proto__')).toBeUndefined();
    for (const list of [registry.all(), registry.connected(), registry.byDomain('ops'), registry.byCapability('read')])
      expect(await list).toEqual([]);
  },

  'servers are found by domain and by capability, exactly so': async ({ registry }) => {
    await registry.register(server('a', { domains: ['ops', 'dev'], capabilities: ['read'] }));
    await registry.register(server('b', { domains: ['OPS'], capabilities: ['read', 'write'] }));
    await registry.register(server('c', { domains: ['o%', "dev' OR '1'='1"] }));
    expect(idsOf(await registry.byDomain('ops'))).toEqual(['a']);
    expect(idsOf(await registry.byDomain('o%'))).toEqual(['c']);
    expect(idsOf(await registry.byDomain('dev'))).toEqual(['a']);
    expect(idsOf(await registry.byDomain(''))).toEqual([]);
    expect(idsOf(await registry.byCapability('read'))).toEqual(['a', 'b']);
    expect(idsOf(await registry.byCapability('write'))).toEqual(['b']);
  },

  'lists come by precedence: the lower priority first, then the id': async ({ registry }) => {
    const shared = { domains: ['d'], capabilities: ['c'] };
    await registry.register(server('b_1', { ...shared, priority: 10 }));
    await registry.register(server('b-1', { ...shared, priority: 10 }));
    await registry.register(server('z', { ...shared, priority: -1 }));
    for (const id of ['b_1', 'z', 'b-1']) await registry.markConnected(id);
    for (const list of [registry.all(), registry.connected(), registry.byDomain('d'), registry.byCapability('c')])
      expect(idsOf(await list)).toEqual(['z', 'b-1', 'b_1']);
  },

  'a server is connected from when it is marked so until it is marked otherwise, with the reason': async ({
    registry,
  }) => {
    await registry.register(server('a'));
    await registry.register(server('b'));
    await registry.markConnected('a');
    await registry.markConnected('a');
    expect(idsOf(await registry.connected())).toEqual(['a']);
    expect(await registry.get('a')).toEqual({ definition: server('a'), connected: true });
    await registry.markDisconnected('a', 'It went away.');
    expect(await registry.connected()).toEqual([]);
    expect(await registry.get('a')).toEqual({ definition: server('a'), connected: false, reason: 'It went away.' });
    await registry.markConnected('a');
    expect(await registry.get('a')).toEqual({ definition: server('a'), connected: true });
    await registry.markDisconnected('a');
    expect(await registry.get('a')).toEqual({ definition: server('a'), connected: false });
  },

  'of a reason 1,024 characters are kept': async ({ registry }) => {
    await registry.register(server('a'));
    await registry.markDisconnected('a', 'x'.repeat(5_000));
    expect((await registry.get('a'))?.reason).toBe('x'.repeat(1_024));
  },

  'another definition takes the place of the first, and leaves it connected': async ({ registry }) => {
    await registry.register(server('a', { domains: ['old'] }));
    await registry.markConnected('a');
    await registry.register(server('a', { domains: ['new'], priority: 3 }));
    expect(await registry.byDomain('old')).toEqual([]);
    expect(await registry.byDomain('new')).toEqual([
      { definition: server('a', { domains: ['new'], priority: 3 }), connected: true },
    ]);
    expect(await registry.all()).toHaveLength(1);
  },

  'a server that is taken out is gone, and comes back as not connected': async ({ registry }) => {
    await registry.register(server('a', { domains: ['d'] }));
    await registry.markConnected('a');
    expect(await registry.unregister('a')).toBe(true);
    expect(await registry.unregister('a')).toBe(false);
    expect(await registry.get('a')).toBeUndefined();
    expect(await registry.byDomain('d')).toEqual([]);
    await registry.register(server('a'));
    expect(await registry.connected()).toEqual([]);
  },

  'nobody is marked who is not there': async ({ registry }) => {
    await registry.register(server('a'));
    const unknown = expect.objectContaining({
      code: 'SERVER_UNKNOWN',
      facts: expect.objectContaining({ server: 'b' }) as unknown,
    }) as unknown;
    await expect(registry.markConnected('b')).rejects.toEqual(unknown);
    await expect(registry.markDisconnected('b', 'x')).rejects.toEqual(unknown);
    expect(await registry.get('b')).toBeUndefined();
  },

  'a definition that is wrong is refused, and nothing has changed': async ({ registry }) => {
    await registry.register(server('a'));
    const wrong: readonly ServerDefinition[] = [
      server(''),
      server('Files'),
      server('a__b'),
      server('a', { priority: Number.NaN }),
      server('a', { priority: 0.5 }),
      server('a', { domains: [''] }),
      server('a', { target: { url: '' } }),
      server('a', { timeoutMs: -1 }),
      server('a', { calls: { maxConcurrent: 0 } }),
      Object.assign(server('a'), { prioritty: 1 }),
    ];
    for (const definition of wrong)
      await expect(registry.register(definition)).rejects.toEqual(rejected('CONFIG_INVALID'));
    expect(await registry.all()).toEqual([{ definition: server('a'), connected: false }]);
  },

  'what does not fit is refused; what is there can still be changed, and room be made': async ({ registry }) => {
    for (const id of ['a', 'b', 'c']) await registry.register(server(id));
    await expect(registry.register(server('d'))).rejects.toEqual(rejected('CONFIG_INVALID'));
    await registry.register(server('c', { domains: ['d'] }));
    expect(idsOf(await registry.all())).toEqual(['a', 'b', 'c']);
    await registry.unregister('a');
    await registry.register(server('d'));
    expect(idsOf(await registry.all())).toEqual(['b', 'c', 'd']);
  },

  'who changes what was handed in or out changes nothing': async ({ registry }) => {
    const domains = ['d'];
    const given = server('a', { domains });
    await registry.register(given);
    Reflect.set(given, 'priority', 7);
    domains.push('more');
    const all = await registry.all();
    const [out] = await registry.byDomain('d');
    if (out === undefined) throw new Error('it is not there');
    Reflect.set(out, 'connected', true);
    tamper(() => void Array.prototype.push.call(out.definition.domains, 'more'));
    tamper(() => void Array.prototype.pop.call(all));
    expect(await registry.all()).toEqual([{ definition: server('a', { domains: ['d'] }), connected: false }]);
    expect(await registry.byDomain('more')).toEqual([]);
  },

  'what is done at the same time ends as if done in turn': async ({ registry }) => {
    const ids = ['a', 'b', 'c'];
    await Promise.all([...ids, ...ids].map((id) => registry.register(server(id))));
    await Promise.all(ids.map((id) => registry.markConnected(id)));
    expect(idsOf(await registry.connected())).toEqual(ids);
    const removed = await Promise.all([1, 2, 3].map(() => registry.unregister('a')));
    expect(removed.filter(Boolean)).toHaveLength(1);
  },

  'closed twice it is closed, and refuses what it is asked': async ({ registry }) => {
    await registry.register(server('a'));
    await registry.close();
    await registry.close();
    const asked: readonly (() => Promise<unknown>)[] = [
      () => registry.register(server('b')),
      () => registry.unregister('a'),
      () => registry.get('a'),
      () => registry.all(),
      () => registry.connected(),
      () => registry.byDomain('d'),
      () => registry.byCapability('c'),
      () => registry.markConnected('a'),
      () => registry.markDisconnected('a'),
    ];
    for (const ask of asked) await expect(ask()).rejects.toEqual(rejected('CLOSED'));
  },
};

/** Proves that a registry keeps `registry/1`. To be called at the top of a vitest file; the arguments are those of `transportContract`. */
export function serverRegistryContract(
  name: string,
  open: () => Promise<ServerRegistryRig> | ServerRegistryRig,
  gaps: Gaps = {},
): void {
  registerContract(`${name} keeps registry/1`, serverRegistryCases, open, gaps);
}
