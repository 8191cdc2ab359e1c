import { kill } from 'node:process';
import { fileURLToPath } from 'node:url';
import { memoryServerRegistry } from '@toolyard/registry';
import { httpTransport } from '@toolyard/transport-http';
import { stdioTransport } from '@toolyard/transport-stdio';
import { expect, it, vi } from 'vitest';
import { createOrchestrator } from '../create-orchestrator.ts';
import type { OrchestratorOptions } from '../options.ts';
import type { Orchestrator } from '../orchestrator.ts';
import { type WebServer, webServer } from '../testing/web-server.ts';

const every = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const memory = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-memory/dist/index.js'));

/** In the domain `docs` the server over HTTP goes first, then one over stdio. */
function fleet({ url }: WebServer, more: Partial<OrchestratorOptions> = {}): Orchestrator {
  const node = process.execPath;
  return createOrchestrator({
    servers: [
      { id: 'memory', target: { command: node, args: [memory] }, capabilities: ['notes'] },
      { id: 'broken', target: { command: node, args: ['-e', 'process.exit(3)'] }, domains: ['docs'], priority: 9 },
      { id: 'every', target: { command: node, args: [every] }, domains: ['docs'], priority: 2, tags: ['local'] },
      { id: 'web', target: { url }, domains: ['docs'], priority: 1, capabilities: ['pages'] },
    ],
    transports: [httpTransport(), stdioTransport({ stdinGraceMs: 200, termGraceMs: 200 })],
    clientInfo: { name: 'toolyard-test', version: '0' },
    ...more,
  });
}

it('takes the resources of a domain from real servers, and the next when the first hangs or dies', async () => {
  await using first = await webServer();
  await using yard = fleet(first);
  await yard.start();
  const found = await yard.resourcesForDomain('docs');
  expect(found).toMatchObject({ server: 'web', priority: 1, passedOver: [] });
  expect(found.resources.map((one) => one.string('uri'))).toEqual(['web:1', 'web:2']);

  first.child.kill('SIGSTOP');
  const next = await yard.resourcesForDomain('docs', { timeoutMs: 4_000 });
  expect(next).toMatchObject({
    server: 'every',
    passedOver: [{ server: 'web', failure: { code: 'UPSTREAM_TIMEOUT' } }],
  });
  expect(next.resources.length).toBeGreaterThan(0);

  first.child.kill('SIGKILL');
  expect(await yard.resourcesForDomain('docs')).toMatchObject({ server: 'every', passedOver: [{ server: 'web' }] });

  await yard.drain('every');
  await expect(yard.resourcesForDomain('docs')).rejects.toMatchObject({
    code: 'DOMAIN_UNSERVED',
    facts: { tried: [{ server: 'web' }, { server: 'every' }, { server: 'broken' }], known: ['docs'] },
  });
});

it('gathers what real servers list, and says what is missing', async () => {
  await using first = await webServer();
  await using yard = fleet(first);
  await yard.start();
  const gathered = await yard.gatherAllResources();
  expect(gathered.map(({ server, connected, outcome }) => [server, connected, outcome])).toEqual([
    ['memory', true, 'ok'],
    ['web', true, 'ok'],
    ['every', true, 'ok'],
    ['broken', false, expect.objectContaining({ code: expect.stringContaining('UPSTREAM') as unknown })],
  ]);
  await expect(yard.gatherAllResources({ failFast: true })).rejects.toMatchObject({
    code: 'GATHER_FAILED',
    facts: { server: 'broken' },
  });
  expect(yard.serversByDomain('docs').map(({ id }) => id)).toEqual(['web', 'every', 'broken']);
  expect(yard.serversByTag('local', { connected: true }).map(({ id }) => id)).toEqual(['every']);
  expect(yard.serverByCapability('pages')).toMatchObject({ id: 'web', state: 'healthy' });
  expect(yard.status()).toMatchObject({
    servers: {
      web: { connected: true, priority: 1, domains: ['docs'] },
      broken: { connected: false, priority: 9, error: expect.any(String) as unknown },
    },
    cache: null,
  });
});

it('keeps real servers for as long as a session lasts, and a registry informed', async () => {
  await using first = await webServer();
  const registry = memoryServerRegistry();
  const yard = fleet(first, { registry });
  let pid: number | undefined;
  {
    await using session = yard.session();
    expect(await session.resourcesForDomain('docs')).toMatchObject({ server: 'web' });
    pid = yard.servers().find(({ id }) => id === 'every')?.peer?.pid;
    const connected = async (): Promise<readonly string[]> =>
      (await registry.connected()).map(({ definition }) => definition.id);
    await vi.waitFor(async () => expect(await connected()).toEqual(['memory', 'web', 'every']));
    expect((await registry.byCapability('notes')).map(({ definition }) => definition.id)).toEqual(['memory']);
  }
  if (pid === undefined) throw new Error('the server has no process');
  expect(() => kill(pid, 0)).toThrow('ESRCH');
  expect(await registry.connected()).toEqual([]);
  expect(await registry.get('broken')).toMatchObject({ connected: false });
});
