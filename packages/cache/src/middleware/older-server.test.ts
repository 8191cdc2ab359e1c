import { type Call, connectLegacy, createCall, createPipePair, servePipe } from '@toolyard/protocol';
import { expect, it, vi } from 'vitest';
import { memoryStore } from '../memory/memory-store.ts';
import { listCall, reply, toolIn } from '../testing/upstream.ts';
import { cached } from './cached.ts';

it('the lists of a server before 2026-07-28 are kept until it says that they changed', async () => {
  const [near, far] = createPipePair();
  const listeners: Call[] = [];
  let lists = 0;
  const serving = servePipe(
    far,
    async (call) => {
      if (call.method === 'server/discover') {
        const capabilities = { tools: { listChanged: true } };
        return reply({ supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'public' });
      }
      if (call.method === 'tools/list') {
        lists += 1;
        return reply({
          tools: [{ name: `t${lists}`, inputSchema: { type: 'object' } }],
          ttlMs: 0,
          cacheScope: 'public',
        });
      }
      listeners.push(call);
      await call.notify({ method: 'notifications/subscriptions/acknowledged', params: call.params });
      return new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)));
    },
    { serverInfo: { name: 'old', version: '1' } },
  );
  await using connection = await connectLegacy(near, {
    upstream: 'old',
    clientInfo: { name: 'toolyard', version: '1.0.0' },
    wire: 'memory',
  });
  const service = cached({ server: 'old', store: memoryStore() })(connection.service);
  const heard: string[] = [];
  const control = new AbortController();
  const listening = service(
    createCall('subscriptions/listen', {
      params: { notifications: { toolsListChanged: true } },
      signal: control.signal,
      notify: ({ method }) => void heard.push(method),
    }),
  ).catch(() => undefined);
  await vi.waitFor(() => expect(heard).toEqual(['notifications/subscriptions/acknowledged']));

  const first = await service(listCall());
  expect(toolIn(first)).toBe('t1');
  expect((await service(listCall())).result.text).toBe(first.result.text);
  expect(first.result.member('ttlMs')?.value).toBe(0);

  await listeners[0]?.notify({ method: 'notifications/tools/list_changed', params: createCall('x').params });
  await vi.waitFor(() => expect(heard).toContain('notifications/tools/list_changed'));
  expect(toolIn(await service(listCall()))).toBe('t2');
  control.abort();
  await listening;
  await serving.close();
});
