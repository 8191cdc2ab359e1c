import { createOrchestrator } from '@toolyard/orchestrator';
import { RawObject } from '@toolyard/protocol';
import { type Configuration, parseConfiguration } from '@toolyard/registry';
import { createProcessGovernor } from '@toolyard/transport-stdio';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';

import { createCache } from '../cache/gateway-cache.ts';
import { servedProfiles } from '../profiles/profiles.ts';
import { FakeTransport } from '../testing/fake-transport.ts';
import { takeOver } from './take-over.ts';

const parse = (text: string): Configuration => parseConfiguration(text, { environment: {} });
const a = 'servers:\n  a: { url: "http://a/" }\n';
const log = pino({ level: 'silent' });

/** A gateway that runs with `text`, as far as it matters here. */
async function rig(text: string, chosen?: string) {
  const toServers = [new FakeTransport(() => Promise.resolve({ result: RawObject.of({ resultType: 'complete' }) }))];
  let before = parse(text);
  const served = { chosen, naming: before.orchestration.naming };
  const orchestrator = createOrchestrator({
    servers: before.servers,
    transports: toServers,
    clientInfo: { name: 'test', version: '1' },
  });
  for (const profile of servedProfiles(before.profiles, served)) orchestrator.setProfile(profile);
  const cache = createCache(before, log);
  const governor = createProcessGovernor();
  const configured = vi.spyOn(governor, 'configure');
  const showProfiles = vi.fn<() => void>();
  await orchestrator.start();
  return {
    orchestrator,
    configured,
    showProfiles,
    connections: toServers[0]?.connections ?? [],
    get runsWith() {
      return before;
    },
    profiles: () => [...orchestrator.views.values()].map(({ profile }) => profile),
    to(next: Configuration): void {
      const begin = (): void => void (before = next);
      const parts = { toServers, orchestrator, governor, cache, served, log };
      takeOver({ before, next, ...parts, begin, showProfiles });
    },
    async [Symbol.asyncDispose]() {
      await orchestrator.close();
      await cache[Symbol.asyncDispose]();
    },
  };
}

it.each<[string, Configuration, string]>([
  ['a server that nothing reaches', parse('servers:\n  b: { command: node }\n'), 'no transport can reach'],
  ['the profile that was chosen is gone', parse(`${a}profiles: { play: {} }\n`), 'There is no profile "work"'],
  [
    'an address that is none of Redis',
    { ...parse(`${a}profiles: { work: {} }\n`), cache: { redis: 'http://h/' } },
    'Redis',
  ],
  [
    'a profile that breaks the rules',
    { ...parse(`${a}profiles: { work: {} }\n`), profiles: [{ name: 'work', tools: { include: ['no!'] } }] },
    'no pattern of names',
  ],
])('is refused whole for %s', async (_, next, words) => {
  await using gateway = await rig(`${a}profiles: { work: { mode: search } }\n`, 'work');
  const { runsWith } = gateway;
  const refusal = { code: 'CONFIG_INVALID', message: expect.stringContaining(words) as unknown };
  expect(() => gateway.to(next)).toThrow(expect.objectContaining(refusal));
  expect(gateway.runsWith).toBe(runsWith);
  expect(gateway.profiles()).toEqual([{ name: 'work', mode: 'search' }]);
  expect(gateway.orchestrator.servers().map(({ id }) => id)).toEqual(['a']);
  expect(gateway.configured).not.toHaveBeenCalled();
  expect(gateway.showProfiles).not.toHaveBeenCalled();
});

it('takes profiles over, and keeps one for those who name none', async () => {
  await using gateway = await rig(`${a}profiles: { work: {}, play: {} }\n`);
  const work = gateway.orchestrator.views.get('work');
  const front = gateway.orchestrator.views.get('default');
  expect(front?.profile).toEqual({ name: 'default' });
  gateway.to(parse(`${a}profiles: { work: { mode: search }, default: { servers: [a] }, rest: {} }\n`));
  expect(gateway.profiles()).toEqual([
    { name: 'work', mode: 'search' },
    { name: 'default', servers: ['a'] },
    { name: 'rest' },
  ]);
  gateway.to(parse(a));
  expect(gateway.profiles()).toEqual([{ name: 'default' }]);
  expect(gateway.orchestrator.views.get('default')).toBe(front);
  expect(work?.profile).toEqual({ name: 'work', mode: 'search' });
  expect(gateway.showProfiles).toHaveBeenCalledTimes(2);
});

it('connects anew only what has other bounds now, and takes nothing over twice', async () => {
  const two = (more: string): Configuration => parse(`${a}  b: { url: "http://b/", timeoutMs: 9 }\n${more}`);
  await using gateway = await rig(a);
  gateway.to(two(''));
  await vi.waitFor(() => expect(gateway.connections).toHaveLength(2));
  gateway.to(two('orchestration: { timeoutMs: 7, maxProcesses: 3 }\n'));
  await vi.waitFor(() => expect(gateway.connections).toHaveLength(3));
  expect(gateway.configured).toHaveBeenLastCalledWith({ maxProcesses: 3 });
  gateway.to(two('orchestration: { timeoutMs: 7, maxProcesses: 3 }\n'));
  expect(gateway.connections).toHaveLength(3);
});

it('leaves no profile where names are as they are, until a restart', async () => {
  await using gateway = await rig(`${a}orchestration: { naming: flat }\n`);
  gateway.to(parse(`${a}profiles: { work: {} }\n`));
  expect(gateway.profiles()).toEqual([]);
});
