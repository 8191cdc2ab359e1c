import { httpTransport } from '@toolyard/transport-http';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from '../create-orchestrator.ts';
import type { OrchestratorOptions } from '../options.ts';
import type { Orchestrator } from '../orchestrator.ts';
import type { ServerEntry } from '../server-entry.ts';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { orchestrate, started } from '../testing/harness.ts';

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
    ['random', { random: 4 }],
    ['onLog', { onLog: 'x' }],
    ['middleware', { middleware: 5 }],
    ['memoryOf', { memoryOf: {} }],
    ['cacheStatistics', { cacheStatistics: null }],
    ['registry', { registry: {} }],
    ['failFast', { failFast: 'yes' }],
    ['shareSubscriptions', { shareSubscriptions: 'all' }],
    ['backoff', { backoff: 5 }],
    ['limits', { limits: null }],
    ['transports[0]', { transports: [{}] }],
    ['transports[1]', { transports: [httpTransport(), httpTransport] }],
    ['transports[0].contract', { transports: [{ ...httpTransport(), contract: 'transport/9' }] }],
  ])('with %s as in %o are refused', (path, options) => {
    expect(() => create(options)).toThrow(refused(path));
  });

  it.each([
    ['conectTimeoutMs', 'connectTimeoutMs', { conectTimeoutMs: 5 }],
    ['limits.pagesize', 'pageSize', { limits: { pagesize: 5 } }],
    ['backoff.maxms', 'maxMs', { backoff: { maxms: 5 } }],
  ])('with a key that is none, %s, are refused with the one that was meant: %s', (path, meant, options) => {
    const message = expect.stringContaining(`did you mean "${meant}"?`) as unknown;
    const problems = [expect.objectContaining({ path, message })];
    expect(() => create(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', facts: { problems } }));
  });

  it.each([[], [null], [undefined], ['x'], [[]]])('are an object: not %s', (...given) => {
    expect(() => Reflect.apply(createOrchestrator, undefined, given)).toThrow(refused(''));
  });

  it('are told what they lack in words that name a transport which was not called', () => {
    const message =
      /transports\[0\]: found a function; a transport is what it gives: call it, as in "stdioTransport\(\)"/;
    expect(() => create({ transports: [httpTransport] })).toThrow(message);
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
    const configure = (options: unknown) => (): unknown => Reflect.apply(yard.configure, yard, [options]);
    expect(configure({ timeoutms: 5 })).toThrow('did you mean "timeoutMs"?');
    expect(configure({ limits: { maxEntries: 5 } })).toThrow(refused('limits.maxEntries'));
    expect(configure(undefined)).toThrow(refused(''));
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

  it('may say the id under which it is deployed, and no other', async () => {
    await using yard = await started({ c: fakeServer() });
    await expect(deploy(yard, 'c', { id: 'd', target: { url: 'fake:c' } })).rejects.toEqual(refused('servers.c.id'));
    await expect(deploy(yard, 'c', { id: 'c', target: { url: 'fake:c' } })).resolves.toMatchObject({ id: 'c' });
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
