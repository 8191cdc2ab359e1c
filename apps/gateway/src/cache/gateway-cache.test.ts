import { createOrchestrator } from '@toolyard/orchestrator';
import { createCall, RawObject, type Reply, type Service } from '@toolyard/protocol';
import type { Configuration } from '@toolyard/registry';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';

import { createCache, type GatewayCache } from './gateway-cache.ts';

type Settings = Pick<Configuration, 'cache' | 'orchestration'>;

const log = pino({ level: 'silent' });
const none: Settings = { orchestration: {} };

/** A server of older days, whose lists hold as long as the gateway says; each of its answers is another. */
function counting(): { readonly service: Service; asked: number } {
  const server = {
    asked: 0,
    service: (): Promise<Reply> => {
      const result = RawObject.of({ resultType: 'complete', tools: [], _meta: { answer: ++server.asked } });
      return Promise.resolve({ result, unhinted: true });
    },
  };
  return server;
}

function rig(cache: GatewayCache, id = 'a') {
  const server = counting();
  const service = cache.middleware({ id, target: { url: 'http://h/' } })(server.service);
  return { server, list: () => service(createCall('tools/list')) };
}

it('goes on by other times, and keeps what there is where it is kept in the same place', async () => {
  await using cache = createCache(none, log);
  const { server, list } = rig(cache);
  await list();
  await list();
  expect(server.asked).toBe(1);
  cache.prepare({ orchestration: {}, cache: { staleIfErrorMs: 5 } })();
  await list();
  expect(server.asked).toBe(1);
  cache.prepare({ orchestration: { resourceCacheTtlMs: 0 } })();
  await cache.middleware({ id: 'b', target: { url: 'http://h/' } })(server.service)(createCall('tools/list'));
  await cache.middleware({ id: 'b', target: { url: 'http://h/' } })(server.service)(createCall('tools/list'));
  expect(server.asked).toBe(3);
});

it('keeps answers elsewhere, and begins anew there', async () => {
  await using cache = createCache(none, log);
  const { server, list } = rig(cache);
  await list();
  cache.prepare({ orchestration: {}, cache: { maxEntries: 1 } })();
  expect(cache.stats()).toMatchObject({ entries: 0 });
  await list();
  await list();
  expect([server.asked, cache.stats().entries]).toEqual([2, 1]);
});

it('does not keep in another place what was asked for before', async () => {
  await using cache = createCache(none, log);
  const gate = Promise.withResolvers<void>();
  const { service } = counting();
  const slow = cache.middleware({ id: 'a', target: { url: 'http://h/' } })(async (call) => {
    await gate.promise;
    return service(call);
  });
  const asked = slow(createCall('tools/list'));
  await vi.waitFor(() => expect(cache.stats().misses).toBe(1));
  cache.prepare({ orchestration: {}, cache: { maxEntries: 7 } })();
  gate.resolve();
  await asked;
  expect(cache.stats().entries).toBe(0);
});

it('refuses an address that is none of Redis, and everything stays as it was', async () => {
  await using cache = createCache(none, log);
  const { server, list } = rig(cache);
  await list();
  const wrong = { orchestration: {}, cache: { redis: 'http://h/' } };
  expect(() => cache.prepare(wrong)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  await list();
  expect(server.asked).toBe(1);
});

it('drops what is kept of a server that is undeployed, and remembers nothing of it', async () => {
  await using cache = createCache(none, log);
  const { server, list } = rig(cache);
  const target = { service: counting().service };
  await using orchestrator = createOrchestrator({
    servers: [],
    transports: [],
    clientInfo: { name: 't', version: '1' },
  });
  const followed = cache.follow(orchestrator);
  await orchestrator.start();
  const ids = Array.from({ length: 50 }, (_, at) => `server-${at}`);
  for (const id of ['a', ...ids]) await orchestrator.deploy(id, { target });
  expect(followed.known).toBe(51);
  await list();
  for (const id of ['a', ...ids]) await orchestrator.undeploy(id);
  expect(followed.known).toBe(0);
  await list();
  expect(server.asked).toBe(2);
});
