import { httpTransport } from '@toolyard/transport-http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createOrchestrator } from './create-orchestrator.ts';
import type { OrchestratorOptions } from './options.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { ServerEntry } from './server-entry.ts';
import { fakeServer, tool } from './testing/fake-server.ts';
import { orchestrate, started } from './testing/harness.ts';
import { slow } from './testing/slow-server.ts';

function create(options: Readonly<Record<string, unknown>>): Orchestrator {
  const right: OrchestratorOptions = {
    servers: [],
    transports: [httpTransport()],
    clientInfo: { name: 'toolyard-test', version: '0' },
  };
  return createOrchestrator({ ...right, ...options });
}

const refused = (...paths: readonly string[]): unknown =>
  expect.objectContaining({
    code: 'CONFIG_INVALID',
    facts: { problems: paths.map((path) => expect.objectContaining({ path }) as unknown) },
  });

describe('options of an orchestrator', () => {
  it.each([
    ['startConcurrency', { startConcurrency: 0 }],
    ['startConcurrency', { startConcurrency: Number.NaN }],
    ['limits.pageSize', { limits: { pageSize: 0 } }],
    ['limits.maxEntries', { limits: { maxEntries: 0 } }],
    ['limits.maxPendingEventBytes', { limits: { maxPendingEventBytes: -1 } }],
    ['listTimeoutMs', { listTimeoutMs: Infinity }],
    ['connectTimeoutMs', { connectTimeoutMs: 0 }],
    ['connectTimeoutMs', { connectTimeoutMs: Infinity }],
    ['timeoutMs', { timeoutMs: 3e9 }],
    ['maxTimeoutMs', { maxTimeoutMs: '5' }],
    ['probeIntervalMs', { probeIntervalMs: -1 }],
    ['probeIntervalMs', { probeIntervalMs: Infinity }],
    ['startHoldMs', { startHoldMs: Number.NaN }],
    ['maxRetries', { maxRetries: -3 }],
    ['backoff.initialMs', { backoff: { initialMs: -5 } }],
    ['backoff.maxMs', { backoff: { maxMs: Infinity } }],
    ['maxMessageBytes', { maxMessageBytes: 0 }],
    ['maxInFlight', { maxInFlight: 0.5 }],
    ['naming', { naming: 'nested' }],
    ['transports', { transports: undefined }],
    ['servers', { servers: undefined }],
    ['servers', { servers: 'a' }],
    ['profiles', { profiles: 'a' }],
    ['profiles[0]', { profiles: [null] }],
    ['clientInfo', { clientInfo: undefined }],
    ['serverInfo', { serverInfo: { name: 'x' } }],
    ['cursorKey', { cursorKey: new Uint8Array(3) }],
    ['taskKey', { taskKey: 'a secret of more than thirty-two characters' }],
  ])('with %s as in %o are refused', (path, options) => {
    expect(() => create(options)).toThrow(refused(path));
  });

  it('may leave attempts without end', async () => {
    await using yard = create({ maxRetries: Infinity, cursorKey: new Uint8Array(32), taskKey: new Uint8Array(64) });
    expect(yard.servers()).toEqual([]);
  });

  it('are refused with all that is wrong, servers included, each under its id or its place', () => {
    const at = { url: 'http://127.0.0.1:9/mcp' };
    const servers = [
      { id: 'a', target: at },
      { id: 'a', target: at },
      { id: 'b', target: at, priority: 'high' },
      null,
      { target: at },
      { id: 'c', target: at, restart: { maxAgeMs: 1_000, maxMemoryMb: 5 } },
    ];
    expect(() => create({ servers, startConcurrency: 0, limits: { maxPages: 0 } })).toThrow(
      refused(
        'startConcurrency',
        'limits.maxPages',
        'servers[1].id',
        'servers.b.priority',
        'servers[3]',
        'servers[4].id',
        'servers.c.restart.maxMemoryMb',
      ),
    );
  });

  it('that come later are refused as well, and change nothing', async () => {
    await using yard = create({});
    expect(() => yard.configure({ startConcurrency: 0, backoff: { initialMs: Number.NaN } })).toThrow(
      refused('startConcurrency', 'backoff.initialMs'),
    );
    expect(() => yard.configure({ limits: { pageSize: -1 } })).toThrow(refused('limits.pageSize'));
  });
});

describe('a definition that is deployed', () => {
  /** Whatever JavaScript can pass. */
  const deploy = (yard: Orchestrator, id: unknown, definition: unknown): Promise<unknown> =>
    Promise.resolve(Reflect.apply(yard.deploy, yard, [id, definition]));

  it.each([
    ['servers.x', null],
    ['servers.x', undefined],
    ['servers.x.target', {}],
    ['servers.x.target', { target: 'http://x' }],
    ['servers.x.instances', { target: { url: 'fake:x' }, instances: null }],
    ['servers.x.instances.max', { target: { url: 'fake:x' }, instances: { min: 3, max: 2 } }],
    ['servers.x.calls.maxConcurrent', { target: { url: 'fake:x' }, calls: { maxConcurrent: 0 } }],
    ['servers.x.prioritty', { target: { url: 'fake:x' }, prioritty: 1 }],
  ])('is refused by the rules of the file: %s for %o', async (path, definition) => {
    await using yard = await started({});
    await expect(deploy(yard, 'x', definition)).rejects.toEqual(refused(path));
    expect(yard.servers()).toEqual([]);
  });

  it.each(['A B/..', 'x'.repeat(100), '__proto__', 5, undefined])('has an id that is none: %s', async (id) => {
    await using yard = await started({});
    await expect(deploy(yard, id, { target: { url: 'fake:x' } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(yard.servers()).toEqual([]);
  });

  it('takes its credentials along as a header, whichever door it came through', async () => {
    const seen: unknown[] = [];
    const transport = {
      ...httpTransport(),
      connect: (target: unknown) => {
        seen.push(target);
        return Promise.reject(new Error('seen'));
      },
    };
    const bearer: Omit<ServerEntry, 'id'> = { target: { url: 'http://a/mcp' }, auth: { type: 'bearer', token: 't' } };
    const key = { ...bearer, auth: { type: 'api_key', header: 'X-Key', key: 'k' } } as const;
    const none = { ...bearer, auth: { type: 'none' } } as const;
    await using yard = create({ servers: [{ id: 'first', ...bearer }], transports: [transport] });
    await yard.start();
    await yard.deploy('second', key);
    await yard.deploy('third', none);
    expect(seen.slice(0, 3)).toEqual([
      { url: 'http://a/mcp', headers: { Authorization: 'Bearer t' } },
      { url: 'http://a/mcp', headers: { 'X-Key': 'k' } },
      { url: 'http://a/mcp' },
    ]);
  });

  it('is the definition that it was, whatever becomes of the object', async () => {
    await using yard = orchestrate({ a: fakeServer({ tools: [tool('t')] }) });
    const domains = ['docs'];
    await yard.deploy('a', { target: { url: 'fake:a' }, domains });
    domains.push('more');
    expect(yard.serversByDomain('more')).toEqual([]);
  });
});

describe('what is asked for', () => {
  it('may be draining for as long as calls take', async () => {
    const { server, finish } = slow();
    await using yard = await started({ jobs: server });
    const running = yard.execute('jobs', { method: 'tools/call', params: { name: 'wait' } });
    await vi.waitFor(() => expect(yard.servers()[0]?.instances[0]?.inFlight).toBe(1));
    const gone = vi.fn<() => void>();
    const draining = yard.undeploy('jobs', { drainMs: Infinity }).then(gone);
    await delay(20);
    expect(gone).not.toHaveBeenCalled();
    finish();
    expect((await running).result.value).toEqual({ content: [] });
    await draining;
  });

  it.each([Number.NaN, -1, 3e9, '5'])('is no draining for %s milliseconds', async (drainMs) => {
    await using yard = await started({ a: fakeServer() });
    const bad = { reason: expect.stringContaining('from 0 to 86400000, or Infinity') as unknown };
    const given = [{ drainMs }];
    for (const [name, ...args] of [
      ['scale', 2],
      ['restart'],
      ['drain'],
      ['undeploy'],
      ['deploy', { target: { url: 'fake:a' } }],
    ] as const) {
      const done: unknown = Reflect.apply(yard[name], yard, ['a', ...args, ...given]);
      await expect(done).rejects.toMatchObject({ code: 'INVALID_PARAMS', facts: bad });
    }
    expect(yard.state('a')).toBe('healthy');
  });

  it.each([
    undefined,
    {},
    { method: '' },
    { method: 'tools/call', params: 'x' },
    { method: 'ping', deadlineMs: Number.NaN },
  ])('is no request such as %o', async (request) => {
    await using yard = await started({ a: fakeServer() });
    const executed: unknown = Reflect.apply(yard.execute, yard, ['a', request]);
    await expect(executed).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });
});
