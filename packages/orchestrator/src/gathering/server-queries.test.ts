import { ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { ServerStatus } from '../status.ts';
import { fakeServer } from '../testing/fake-server.ts';
import { started } from '../testing/harness.ts';

const idsOf = (found: readonly ServerStatus[]): readonly string[] => found.map(({ id }) => id);

describe('servers are found', () => {
  const entries = {
    late: { priority: 5, domains: ['ops'], capabilities: ['search'], tags: ['work'] },
    b: { priority: 1, domains: ['ops'], tags: ['work'] },
    a: { priority: 1, domains: ['ops', 'dev'], capabilities: ['search', 'read'] },
    first: { priority: -3, domains: ['ops'], capabilities: ['search'] },
    plain: {},
  };
  const fleet = () => ({
    late: fakeServer(),
    b: fakeServer(),
    a: fakeServer(),
    first: fakeServer({ connecting: 'refuse' }),
    plain: fakeServer(),
  });

  it('by domain and tag, the lower priority first, then the id, connected or not', async () => {
    await using yard = await started(fleet(), { entries });
    expect(yard.serversByDomain('ops').map(({ id, state }) => [id, state])).toEqual([
      ['first', 'unhealthy'],
      ['a', 'healthy'],
      ['b', 'healthy'],
      ['late', 'healthy'],
    ]);
    expect(idsOf(yard.serversByDomain('dev'))).toEqual(['a']);
    expect(idsOf(yard.serversByTag('work'))).toEqual(['b', 'late']);
    expect(idsOf(yard.serversByTag('Work'))).toEqual([]);
  });

  it('among those that answer only, where that is wanted', async () => {
    await using yard = await started(fleet(), { entries });
    expect(idsOf(yard.serversByDomain('ops', { connected: true }))).toEqual(['a', 'b', 'late']);
    expect(idsOf(yard.serversByTag('work', { connected: true }))).toEqual(['b', 'late']);
    expect(yard.serverByCapability('search', { connected: true })?.id).toBe('a');
  });

  it('by capability: the one that goes first', async () => {
    await using yard = await started(fleet(), { entries });
    expect(yard.serverByCapability('search')).toMatchObject({ id: 'first', state: 'unhealthy' });
    expect(yard.serverByCapability('read')).toMatchObject({ id: 'a', state: 'healthy' });
    expect(yard.serverByCapability('write')).toBeUndefined();
  });

  it('by what their definitions say now', async () => {
    await using yard = await started({ a: fakeServer() }, { entries: { a: { domains: ['old'] } } });
    await yard.deploy('a', { target: { url: 'fake:a' }, domains: ['new'] });
    expect(idsOf(yard.serversByDomain('old'))).toEqual([]);
    expect(idsOf(yard.serversByDomain('new'))).toEqual(['a']);
    await yard.undeploy('a');
    expect(idsOf(yard.serversByDomain('new'))).toEqual([]);
  });
});

describe('status()', () => {
  it('is of the older shape: servers by id, and the cache', async () => {
    const refusal = new ToolyardError('UPSTREAM_STATUS', { upstream: 'b', status: 503 }, 'secret words');
    const b = fakeServer({ connecting: 'refuse' });
    b.refusal = refusal;
    const servers = { a: fakeServer(), b, c: fakeServer() };
    const entries = { a: { priority: 2, domains: ['ops'] } };
    await using yard = await started(servers, { entries });
    await yard.drain('c');
    expect(yard.status()).toEqual({
      servers: {
        a: { connected: true, priority: 2, domains: ['ops'] },
        b: { connected: false, priority: 0, domains: [], error: 'It answered with HTTP status 503.' },
        c: { connected: false, priority: 0, domains: [], error: 'It is stopped.' },
      },
      cache: null,
    });
  });

  it('has the statistics of the cache that it is given', async () => {
    const cache = { hits: 3, misses: 1, requests: 4, hitRate: 0.75, evictions: 0, entries: 1, bytes: 10 };
    await using yard = await started({}, { cacheStatistics: () => cache });
    expect(yard.status()).toEqual({ servers: {}, cache });
  });

  it('says how the servers are where those statistics cannot be had', async () => {
    const cacheStatistics = (): never => {
      throw new Error('no cache');
    };
    await using yard = await started({ a: fakeServer() }, { cacheStatistics });
    expect(yard.status()).toMatchObject({ servers: { a: { connected: true } }, cache: null });
  });
});
