import type { ServerRegistry } from '@toolyard/registry';
import { memoryServerRegistry } from '@toolyard/registry';
import { RawObject, ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, orchestrate, started } from '../testing/harness.ts';
import type { RegistryProblem } from './registry-keeper.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function seen(registry: ServerRegistry): Promise<readonly string[]> {
  const all = await registry.all();
  return all.map(({ definition, connected, reason }) => `${definition.id} ${connected ? 'connected' : (reason ?? '')}`);
}

describe('a registry', () => {
  it('is told what is deployed, and which of it is connected', async () => {
    const registry = memoryServerRegistry();
    const servers = { files: fakeServer(), down: fakeServer({ connecting: 'refuse' }), later: fakeServer() };
    const entries = { files: { priority: 3, domains: ['ops'], capabilities: ['read'] } };
    await using yard = orchestrate(servers, { registry, entries });
    expect(await seen(registry)).toEqual([]);
    await yard.start();
    await tick();
    expect(await registry.byDomain('ops')).toEqual([
      {
        definition: {
          id: 'files',
          target: { url: 'fake:files' },
          priority: 3,
          domains: ['ops'],
          capabilities: ['read'],
          tags: [],
        },
        connected: true,
      },
    ]);
    expect(await seen(registry)).toEqual(['down It cannot be reached.', 'later connected', 'files connected']);
    await yard.deploy('files', { target: { url: 'fake:later' }, domains: ['dev'] });
    await tick();
    expect(await registry.byDomain('dev')).toMatchObject([{ definition: { id: 'files' }, connected: true }]);
    expect(await registry.byDomain('ops')).toEqual([]);
    await yard.undeploy('down');
    await yard.drain('later');
    await tick();
    expect(await seen(registry)).toEqual(['files connected', 'later It is stopped.']);
  });

  it('is told when a server goes away and comes back, and in the end that none is connected', async () => {
    const registry = memoryServerRegistry();
    const files = fakeServer();
    await using yard = await started({ files }, { registry });
    await tick();
    files.crash();
    await tick();
    expect(await seen(registry)).toEqual(['files It went away.']);
    await tick(1_000);
    expect(await seen(registry)).toEqual(['files connected']);
    await yard.close();
    expect(await seen(registry)).toEqual(['files It is stopped.']);
  });

  it('is told the reason that holds now, also where it is another than before', async () => {
    const registry = memoryServerRegistry();
    const files = fakeServer({ connecting: 'hang' });
    await using yard = orchestrate({ files }, { registry, connectTimeoutMs: 1_000 });
    void yard.start();
    await tick();
    expect(await seen(registry)).toEqual(['files It is not connected yet.']);
    await tick(2_000);
    expect(await seen(registry)).toEqual(['files It did not answer connect within 1000 ms.']);
    files.connecting = 'refuse';
    await tick(5_000);
    expect(await seen(registry)).toEqual(['files It cannot be reached.']);
  });

  it('is told that a server takes no calls while its breaker is open', async () => {
    const registry = memoryServerRegistry();
    const fault = new ToolyardError('UPSTREAM_STATUS', { upstream: 'files', status: 500 }, 'no');
    const files = fakeServer({ tools: [tool('read')], answers: { 'tools/call': () => Promise.reject(fault) } });
    await using yard = await started({ files }, { registry, entries: { files: { breaker: { faultsInARow: 2 } } } });
    const call = (): Promise<unknown> => ask(yard, 'tools/call', { name: 'files__read' }).catch(() => undefined);
    await call();
    await tick();
    expect(await seen(registry)).toEqual(['files connected']);
    await call();
    await tick();
    expect(await seen(registry)).toEqual(['files It answered with HTTP status 500.']);
    files.answers['tools/call'] = () => ({ content: [] });
    await tick(2_000);
    await call();
    expect(await seen(registry)).toEqual(['files connected']);
  });

  it('is not told of functions of this process', async () => {
    const registry = memoryServerRegistry();
    await using yard = await started({ files: fakeServer() }, { registry });
    await yard.deploy('files', { target: { service: async () => ({ result: RawObject.empty }) } });
    await tick();
    expect(yard.state('files')).toBe('healthy');
    expect(await seen(registry)).toEqual([]);
  });

  it('may fail without hurting anything; it is told again when something changes', async () => {
    const memory = memoryServerRegistry();
    let broken = true;
    const registry: ServerRegistry = {
      ...memory,
      register: (definition) => (broken ? Promise.reject(new Error('no disk')) : memory.register(definition)),
    };
    const problems: RegistryProblem[] = [];
    const files = fakeServer();
    await using yard = orchestrate({ files, other: fakeServer() }, { registry });
    yard.events.registry.listen((problem) => void problems.push(problem));
    await yard.start();
    await tick();
    expect(problems).toContainEqual({ server: 'files', error: new Error('no disk') });
    expect(await ask(yard, 'tools/list')).toMatchObject({ tools: [] });
    broken = false;
    files.crash();
    await tick(1_000);
    expect(await seen(memory)).toEqual(['files connected', 'other connected']);
  });

  it('that has no room says so once, and is not asked again for the same', async () => {
    const registry = memoryServerRegistry({ maxServers: 1 });
    const problems: RegistryProblem[] = [];
    const a = fakeServer();
    await using yard = orchestrate({ a, b: fakeServer() }, { registry });
    yard.events.registry.listen((problem) => void problems.push(problem));
    await yard.start();
    await tick();
    const told = problems.length;
    expect(problems.map(({ server, error }) => [server, ToolyardError.is(error, 'CONFIG_INVALID')])).toContainEqual([
      'b',
      true,
    ]);
    a.crash();
    await tick(1_000);
    expect(problems).toHaveLength(told);
    expect(await seen(registry)).toEqual(['a connected']);
  });

  it('that hangs is told to be late, keeps no call waiting, and the end not for long', async () => {
    const memory = memoryServerRegistry();
    const registry: ServerRegistry = { ...memory, register: () => new Promise(() => undefined) };
    const problems: RegistryProblem[] = [];
    const yard = await started({ files: fakeServer() }, { registry });
    yard.events.registry.listen((problem) => void problems.push(problem));
    expect(await ask(yard, 'tools/list')).toMatchObject({ tools: [] });
    await tick(10_000);
    expect(problems).toMatchObject([{ server: 'files', error: { code: 'UPSTREAM_TIMEOUT' } }]);
    const closing = yard.close();
    await tick(5_000);
    await closing;
    await tick(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
