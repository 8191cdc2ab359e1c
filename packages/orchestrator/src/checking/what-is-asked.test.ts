import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../orchestrator.ts';
import { fakeServer } from '../testing/fake-server.ts';
import { call, orchestrate, started } from '../testing/harness.ts';
import { slow } from '../testing/slow-server.ts';

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

  const circle: Record<string, unknown> = {};
  circle['self'] = circle;

  it.each<[why: string, name: keyof Orchestrator, ...args: unknown[]]>([
    ['found nothing; expected an object', 'gatherAllResources', null],
    ['did you mean "failFast"?', 'gatherAllResources', { failfast: true }],
    ['signal: found 5; expected an AbortSignal', 'gatherAllResources', { signal: 5 }],
    ['caller: found a text; expected a caller', 'gatherAllResources', { caller: 'me' }],
    ['did you mean "timeoutMs"?', 'resourcesForDomain', 'd', { timeout: 5 }],
    ['A domain is a text; found nothing', 'resourcesForDomain'],
    ['did you mean "drainMs"?', 'drain', 'a', { drainms: 5 }],
    ['found nothing; expected an object', 'undeploy', 'a', null],
    ['did you mean "params"?', 'execute', 'a', { method: 'ping', param: {} }],
    ['signal: found 5; expected an AbortSignal', 'execute', 'a', { method: 'ping', signal: 5 }],
    ['caller: found an object; expected a caller', 'execute', 'a', { method: 'ping', caller: { principal: 5 } }],
    ['cannot be written as a JSON object', 'execute', 'a', { method: 'ping', params: { n: 5n } }],
    ['cannot be written as a JSON object', 'execute', 'a', { method: 'ping', params: circle }],
    ['cannot be written as a JSON object', 'execute', 'a', { method: 'ping', params: new Date() }],
    ['This is no call', 'service'],
    ['This is no call', 'service', { method: 'tools/list' }],
    ['This is no call', 'service', { ...call('tools/list'), params: {} }],
  ])('is refused in words where it cannot be (%s): %s(%j, %o)', async (why, name, ...args) => {
    await using yard = await started({ a: fakeServer() });
    const bad = { code: 'INVALID_PARAMS', facts: { reason: expect.stringContaining(why) as unknown } };
    const asked = async (of: object): Promise<unknown> => Reflect.apply(Reflect.get(of, name), of, args);
    await expect(asked(yard)).rejects.toMatchObject(bad);
    await using session = yard.session();
    if (name in session) await expect(asked(session)).rejects.toMatchObject(bad);
  });

  it.each([
    ['A tag is a text; found 5', 'serversByTag', [5]],
    ['A capability is a text; found nothing', 'serverByCapability', []],
    ['did you mean "connected"?', 'serversByDomain', ['d', { conected: true }]],
    ['connected: found 1; expected true or false', 'serversByDomain', ['d', { connected: 1 }]],
  ] as const)('of servers, is refused in words: %s', async (why, name, args) => {
    await using yard = orchestrate({});
    expect(() => Reflect.apply(yard[name], yard, args)).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMS', message: expect.stringContaining(why) as unknown }),
    );
  });
});
