import { RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, call, listen, names, orchestrate, started } from '../testing/harness.ts';
import { slow } from '../testing/slow-server.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const at = (id: string) => ({ target: { url: `fake:${id}` } });

async function settles(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => (settled = true)).catch(() => undefined);
  await tick();
  return settled;
}

describe('deploy', () => {
  it('takes a server in while calls are answered, and tells of its tools', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using yard = await started({ files: fakeServer(), late: files });
    await yard.undeploy('late');
    await tick(100);
    const heard = listen(yard, { toolsListChanged: true });
    await tick();
    const status = await yard.deploy('late', { ...at('late'), name: 'Late' });
    expect(status).toMatchObject({ id: 'late', name: 'Late', state: 'healthy', counts: { tools: 1 } });
    await tick(100);
    expect(await names(yard)).toEqual(['late__read']);
    expect(heard.methods).toContain('tools/list_changed');
    expect(yard.servers().map(({ id }) => id)).toEqual(['files', 'late']);
    heard.stop();
  });

  it('takes in one that cannot be reached, says so, and has it once it can', async () => {
    const late = fakeServer({ tools: [tool('read')], connecting: 'refuse' });
    await using yard = await started({ late });
    await yard.undeploy('late');
    expect(await yard.deploy('late', at('late'))).toMatchObject({
      state: 'unhealthy',
      reason: { code: 'UPSTREAM_UNREACHABLE' },
    });
    late.connecting = 'ok';
    await tick(1_000);
    expect(yard.state('late')).toBe('healthy');
    expect(await names(yard)).toEqual(['late__read']);
  });

  it('gives a server another definition without losing a call or a moment', async () => {
    const { server: before, finish } = slow();
    const after = fakeServer({ tools: [tool('wait'), tool('more')], answers: { 'tools/call': () => ({ new: true }) } });
    await using yard = await started({ jobs: before, other: after });
    await yard.undeploy('other');
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' });
    await tick();
    const deployed = yard.deploy('jobs', { ...at('other'), tags: ['new'] });
    await tick();
    expect(await ask(yard, 'tools/call', { name: 'jobs__wait' })).toEqual({ new: true });
    expect(await settles(deployed)).toBe(false);
    expect(yard.servers()[0]?.instances.map(({ phase }) => phase)).toEqual(['up', 'draining']);
    finish();
    expect(await running).toEqual({ content: [] });
    expect(await deployed).toMatchObject({ state: 'healthy', instances: [{ number: 2, phase: 'up' }] });
    expect(await names(yard)).toEqual(['jobs__wait', 'jobs__more']);
    expect(before.open.size).toBe(0);
  });

  it('shows it in the profiles that it belongs to now', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    const entries = { other: { tags: ['red'] } };
    await using yard = await started(
      { files, other: fakeServer() },
      { entries, profiles: [{ name: 'red', tags: ['red'] }] },
    );
    const red = yard.views.get('red');
    expect(red?.tools.size).toBe(0);
    await yard.deploy('files', { ...at('files'), tags: ['red'] });
    await tick(100);
    expect([...(red?.tools.keys() ?? [])]).toEqual(['files__read']);
    await yard.undeploy('files');
    await tick(100);
    expect(red?.tools.size).toBe(0);
  });

  it('takes a function of this process', async () => {
    const service: Service = (asked) => {
      const tools = [{ name: 'hello', inputSchema: { type: 'object' } }];
      if (asked.method === 'tools/list') return Promise.resolve({ result: RawObject.of({ tools }) });
      if (asked.method === 'tools/call') return Promise.resolve({ result: RawObject.of({ content: [] }) });
      return Promise.reject(new ToolyardError('METHOD_UNKNOWN', { method: asked.method }, 'no'));
    };
    await using yard = await started({});
    expect(await yard.deploy('own', { target: { service } })).toMatchObject({ peer: { wire: 'in-process' } });
    expect(await ask(yard, 'tools/call', { name: 'own__hello' })).toEqual({ content: [] });
  });
});

describe('undeploy', () => {
  it('takes the tools away at once and lets calls finish', async () => {
    const { server, finish } = slow();
    await using yard = await started({ jobs: server });
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' });
    await tick();
    const gone = yard.undeploy('jobs');
    await expect(ask(yard, 'tools/call', { name: 'jobs__wait' })).rejects.toMatchObject({ code: 'TOOL_UNKNOWN' });
    expect(yard.servers()).toEqual([]);
    expect(await settles(gone)).toBe(false);
    finish();
    await gone;
    expect(await running).toEqual({ content: [] });
    expect(server.open.size).toBe(0);
  });

  it('ends at once with the orchestrator, whatever its calls', async () => {
    const { server } = slow();
    const yard = await started({ jobs: server });
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' }).catch((error: unknown) => error);
    await tick();
    const gone = yard.undeploy('jobs');
    await tick();
    await yard.close();
    expect(server.open.size).toBe(0);
    expect(await running).toMatchObject({ code: 'CLOSED' });
    await gone;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told of as gone only where no other has come in its place', async () => {
    const { server, finish } = slow();
    await using yard = await started({ jobs: server, after: fakeServer() });
    const told: (string | undefined)[] = [];
    yard.events.transition.listen(({ server: id, to }) => void (id === 'jobs' && told.push(to)));
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' });
    await tick();
    const gone = yard.undeploy('jobs');
    await yard.deploy('jobs', at('after'));
    finish();
    await Promise.all([running, gone]);
    expect(told).not.toContain(undefined);
    expect(yard.state('jobs')).toBe('healthy');
  });

  it('waits no longer than it is told to', async () => {
    const { server } = slow();
    await using yard = await started({ jobs: server });
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' }).catch((error: unknown) => error);
    await tick();
    const gone = yard.undeploy('jobs', { drainMs: 500 });
    await tick(500);
    await gone;
    expect(await running).toMatchObject({ code: 'CLOSED' });
  });
});

describe('scale', () => {
  it('adds instances, spreads calls over them, and lets those that are too many finish', async () => {
    const { server, finish } = slow();
    await using yard = await started({ jobs: server });
    expect((await yard.scale('jobs', 3)).instances.map(({ phase }) => phase)).toEqual(['up', 'up', 'up']);
    expect(server.open.size).toBe(3);
    const running = [1, 2, 3].map(() => ask(yard, 'tools/call', { name: 'jobs__wait' }));
    await tick();
    expect(yard.servers()[0]?.instances.map(({ inFlight }) => inFlight)).toEqual([1, 1, 1]);
    const scaled = yard.scale('jobs', 1);
    expect(await settles(scaled)).toBe(false);
    finish();
    await Promise.all(running);
    expect((await scaled).instances).toHaveLength(1);
    expect(server.open.size).toBe(1);
  });

  it('is not kept waiting by the calls of instances that go', async () => {
    const { server, finish } = slow();
    await using yard = await started({ jobs: server }, { entries: { jobs: { instances: { min: 2 } } } });
    const running = [1, 2].map(() => ask(yard, 'tools/call', { name: 'jobs__wait' }));
    await tick();
    const fewer = yard.scale('jobs', 1);
    const more = yard.scale('jobs', 3);
    await tick();
    expect(yard.servers()[0]?.instances.map(({ phase }) => phase)).toEqual(['up', 'up', 'up', 'draining']);
    await more;
    expect(await settles(fewer)).toBe(false);
    finish();
    await Promise.all([fewer, ...running]);
    expect(server.open.size).toBe(3);
  });

  it('stops a server that is scaled to 0, and restart brings it back', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using yard = await started({ files });
    expect(await yard.drain('files')).toMatchObject({ state: 'stopped', instances: [] });
    await tick(100);
    expect(await names(yard)).toEqual([]);
    await expect(ask(yard, 'tools/call', { name: 'files__read' })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      message: 'The server files is stopped.',
    });
    expect(await yard.restart('files')).toMatchObject({ state: 'healthy' });
    await tick(100);
    expect(await names(yard)).toEqual(['files__read']);
  });

  it('goes on with the instances that are left, and calls itself degraded', async () => {
    const files = fakeServer({ tools: [tool('read')] });
    await using yard = await started({ files }, { entries: { files: { instances: { min: 2 } } } });
    expect(yard.state('files')).toBe('healthy');
    const [first] = files.open;
    files.connecting = 'refuse';
    await first?.close();
    await tick();
    expect(yard.state('files')).toBe('degraded');
    await ask(yard, 'tools/call', { name: 'files__read' });
    files.connecting = 'ok';
    await tick(1_000);
    expect(yard.state('files')).toBe('healthy');
  });

  it.each([-1, 1.5, 3, Number.NaN])('refuses %s where at most 2 are allowed', async (instances) => {
    await using yard = await started({ a: fakeServer() }, { entries: { a: { instances: { max: 2 } } } });
    await expect(yard.scale('a', instances)).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });
});

describe('restart', () => {
  it('puts new instances in the place of the old ones without losing a call', async () => {
    const { server, finish } = slow();
    await using yard = await started({ jobs: server }, { entries: { jobs: { instances: { min: 2 } } } });
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' });
    await tick();
    const restarted = yard.restart('jobs');
    await tick();
    expect(yard.state('jobs')).toBe('healthy');
    finish();
    expect(await running).toEqual({ content: [] });
    expect((await restarted).instances.map(({ number }) => number)).toEqual([3, 4]);
    expect(server.open.size).toBe(2);
  });

  it('begins anew with the definition that was given last, also where that waits for its turn', async () => {
    const { server, finish } = slow();
    const after = fakeServer({ tools: [tool('new')] });
    await using yard = await started({ jobs: server, after });
    const running = ask(yard, 'tools/call', { name: 'jobs__wait' });
    await tick();
    const changes = [yard.restart('jobs'), yard.deploy('jobs', at('after')), yard.restart('jobs')];
    finish();
    await Promise.all([running, ...changes]);
    await tick(100);
    expect(await names(yard)).toContain('jobs__new');
  });

  it('keeps subscriptions: they move to the new instance', async () => {
    const files = fakeServer({ resources: [{ uri: 'a:1', name: 'a' }] });
    await using yard = await started({ files });
    const heard = listen(yard, { resourceSubscriptions: ['a:1'] });
    await tick();
    await yard.restart('files');
    await tick(3_000);
    const told = heard.methods.length;
    await files.tell({ method: 'notifications/resources/updated', params: RawObject.of({ uri: 'a:1' }) });
    await tick(100);
    expect(heard.methods.slice(told)).toEqual(['resources/updated']);
    heard.stop();
  });
});

describe('any operation', () => {
  const operations: readonly [string, (yard: Orchestrator) => unknown][] = [
    ['undeploy', (yard) => yard.undeploy('fils')],
    ['scale', (yard) => yard.scale('fils', 2)],
    ['restart', (yard) => yard.restart('fils')],
    ['drain', (yard) => yard.drain('fils')],
    ['state', (yard) => yard.state('fils')],
    ['execute', (yard) => yard.execute('fils', { method: 'tools/list' })],
  ];

  it.each(operations)('%s says which servers there are where there is no such one', async (_, operate) => {
    await using yard = await started({ files: fakeServer() });
    await expect((async () => operate(yard))()).rejects.toMatchObject({
      code: 'SERVER_UNKNOWN',
      facts: { server: 'fils', known: ['files'] },
      message: 'There is no server "fils"; deployed are files.',
    });
  });

  it('is refused after the end', async () => {
    const yard = orchestrate({ files: fakeServer() });
    await yard.close();
    await expect(yard.deploy('x', at('files'))).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(yard.restart('files')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

it('execute asks one server whatever it knows, in its own names', async () => {
  const files = fakeServer({ tools: [tool('read')] });
  await using yard = await started({ files });
  const { result } = await yard.execute('files', { method: 'tools/call', params: { name: 'read' } });
  expect(result.value).toMatchObject({ echo: { method: 'tools/call', params: { name: 'read' } } });
  expect(files.called('tools/call')[0]?.caller.principal).toBe('toolyard');
});

describe('transitions', () => {
  it('are told once each, to listeners and in a loop', async () => {
    const files = fakeServer();
    await using yard = orchestrate({ files });
    const told: string[] = [];
    yard.events.transition.listen(({ from = '-', to = '-' }) => void told.push(`${from} ${to}`));
    const looped: string[] = [];
    const loop = (async () => {
      for await (const { server, to, reason } of yard.events.transition) {
        looped.push(`${server} ${to ?? 'gone'} ${reason?.code ?? ''}`.trim());
        if (to === undefined) break;
      }
    })();
    await yard.start();
    files.crash();
    await tick(1_000);
    await yard.undeploy('files');
    await loop;
    expect(told).toEqual(['- starting', 'starting healthy', 'healthy unhealthy', 'unhealthy healthy', 'healthy -']);
    expect(looped).toEqual([
      'files starting',
      'files healthy',
      'files unhealthy UPSTREAM_CLOSED',
      'files healthy',
      'files gone',
    ]);
  });
});

it('leaves nothing behind when it is closed in the middle of all this', async () => {
  const { server } = slow();
  const yard = orchestrate({ jobs: server, more: fakeServer({ connecting: 'hang' }) });
  const starting = yard.start();
  await tick();
  const running = yard.service(call('tools/call', { name: 'jobs__wait' })).catch((error: unknown) => error);
  await tick();
  const restarting = yard.restart('jobs').catch((error: unknown) => error);
  const scaling = yard.scale('more', 4).catch((error: unknown) => error);
  await tick();
  await yard.close();
  await Promise.all([running, restarting, scaling, starting]);
  expect(server.open.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('middleware stands around the calls of each server, whatever its instances do', async () => {
  const files = fakeServer({ tools: [tool('read')] });
  const seen: string[] = [];
  await using yard = await started(
    { files, other: fakeServer({ tools: [tool('x')] }) },
    {
      middleware: ({ id }) => [
        (next) => async (asked) => {
          seen.push(`${id} ${asked.method} ${asked.params.string('name') ?? ''}`);
          return next(asked).catch(() => ({ result: RawObject.of({ stale: true }) }));
        },
      ],
    },
  );
  await ask(yard, 'tools/call', { name: 'files__read' });
  expect(seen).toEqual(['files tools/call read']);
  files.connecting = 'refuse';
  files.crash();
  await tick();
  expect(await ask(yard, 'tools/call', { name: 'files__read' })).toEqual({ stale: true });
});
