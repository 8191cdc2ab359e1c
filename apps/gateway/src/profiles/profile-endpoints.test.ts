import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { ProfileView } from '@toolyard/orchestrator';
import { RawObject, type Reply, type Service } from '@toolyard/protocol';
import { httpTransport } from '@toolyard/transport-http';
import { expect, it } from 'vitest';

import { ask, type RawAnswer } from '../../test/testing/raw-client.ts';
import { profileEndpoints } from './profile-endpoints.ts';

/** A view as far as endpoints look at it. */
function viewOf(name: string): ProfileView {
  return {
    profile: { name },
    pinned: [],
    tools: new Map(),
    service: () => Promise.reject(new Error('nobody calls it here')),
    toolHeaders: () => undefined,
    problems: () => [],
    events: { catalogue: { listen: () => () => undefined, [Symbol.asyncIterator]: () => nothing() } },
  };
}

async function* nothing(): AsyncGenerator<never> {}

async function rig(serviceOf: (view: ProfileView) => Service) {
  const whole: Service = () => Promise.resolve(saying('whole'));
  const listener = await httpTransport().serve(whole, { serverInfo: { name: 'test', version: '1' } });
  const post = (path: string, method = 'tools/call'): Promise<RawAnswer> =>
    ask(new URL(path, listener.address).href, method, method === 'tools/call' ? { name: 'x' } : { notifications: {} });
  return {
    show: profileEndpoints(listener, serviceOf),
    post,
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

const saying = (name: string): Reply => ({
  result: RawObject.of({ resultType: 'complete', content: [{ type: 'text', text: name }] }),
});

it('answers for the profiles that are shown, each with its own service, and for no others', async () => {
  await using served = await rig((view) => () => Promise.resolve(saying(view.profile.name)));
  const { show, post } = served;
  const work = viewOf('work');
  show([work, viewOf('play')]);
  expect((await post('/mcp/work')).text).toContain('"work"');
  expect((await post('/mcp/play?x=1')).text).toContain('"play"');
  show([work, viewOf('rest')]);
  const statuses = ['/mcp/work', '/mcp/play', '/mcp/rest', '/mcp/work/x', '/mcp', '/mcp/'].map(
    async (path) => (await post(path)).status,
  );
  expect(await Promise.all(statuses)).toEqual([200, 404, 200, 404, 200, 404]);
});

it('ends what one that is taken away has under way in peace, and its subscriptions at once', async () => {
  const done = Promise.withResolvers<Reply>();
  let begun = 0;
  await using served = await rig(() => async (call) => {
    if (call.method === 'subscriptions/listen')
      await call.notify({
        method: 'notifications/subscriptions/acknowledged',
        params: RawObject.of({ notifications: {} }),
      });
    begun++;
    return call.method === 'tools/call' ? done.promise : new Promise<never>(() => undefined);
  });
  const { show, post } = served;
  show([viewOf('work')]);
  const calling = post('/mcp/work');
  const listening = post('/mcp/work', 'subscriptions/listen');
  await expect.poll(() => begun).toBe(2);
  show([]);
  expect((await listening).text).toContain('"resultType":"complete"');
  expect((await post('/mcp/work')).status).toBe(404);
  done.resolve(saying('late'));
  expect((await calling).text).toContain('late');
});

it('keeps nothing of those that came and went, however many did', async () => {
  const services: WeakRef<Service>[] = [];
  await using served = await rig((view) => {
    const service: Service = () => Promise.resolve(saying(view.profile.name));
    services.push(new WeakRef(service));
    return service;
  });
  const { show, post } = served;
  const work = viewOf('work');
  for (let round = 0; round < 100; round++) {
    show([work, viewOf('passing')]);
    await post('/mcp/passing');
    show([work]);
  }
  expect(services).toHaveLength(101);
  // A socket may remember its last request.
  await expect
    .poll(() => {
      collectGarbage();
      return services.filter((service) => service.deref() !== undefined).length;
    })
    .toBeLessThan(10);
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}
