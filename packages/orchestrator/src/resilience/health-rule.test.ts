import { describe, expect, it } from 'vitest';
import type { ServerState } from '../status.ts';
import type { InstanceFacts, InstanceGrounds, ServerFacts, ServerGrounds } from './health-rule.ts';
import { instanceHealth, readThresholds, serverHealth, slowMsOf } from './health-rule.ts';

const quiet = { calls: 0, faults: 0, slow: 0 };
const good: InstanceFacts = {
  stopped: false,
  up: true,
  failed: false,
  breaker: 'closed',
  failedProbes: 0,
  window: quiet,
};
const bad: Partial<InstanceFacts> = { breaker: 'open', failedProbes: 9, window: { calls: 99, faults: 99, slow: 99 } };

describe('an instance is', () => {
  it.each<[ServerState, InstanceGrounds | undefined, string, Partial<InstanceFacts>]>([
    ['stopped', undefined, 'whatever else is known', { ...bad, stopped: true }],
    ['starting', undefined, 'before its first connection', { up: false }],
    ['unhealthy', 'connection', 'when it could not be connected, or went away', { up: false, failed: true }],
    ['healthy', undefined, 'when it is back', { failed: true }],
    ['healthy', undefined, 'while nothing is known', {}],
    ['unhealthy', 'breaker', 'while its breaker is open', { breaker: 'open', failedProbes: 1 }],
    ['degraded', 'breaker', 'while its breaker lets one call try', { breaker: 'half-open' }],
    ['degraded', 'probes', 'after one failed probe', { failedProbes: 1 }],
    ['degraded', 'probes', 'after two', { failedProbes: 2 }],
    ['unhealthy', 'probes', 'after three in a row', { failedProbes: 3 }],
    ['healthy', undefined, 'when less than a tenth fails', { window: { calls: 21, faults: 2, slow: 0 } }],
    ['degraded', 'faults', 'when a tenth fails', { window: { calls: 20, faults: 2, slow: 20 } }],
    ['healthy', undefined, 'when all of very few calls fail', { window: { calls: 19, faults: 19, slow: 19 } }],
    ['degraded', 'slow', 'when one call in twenty is slow', { window: { calls: 20, faults: 0, slow: 1 } }],
    ['healthy', undefined, 'when fewer are', { window: { calls: 21, faults: 0, slow: 1 } }],
  ])('%s (%s) %s', (state, grounds, _, facts) => {
    expect(instanceHealth({ ...good, ...facts })).toEqual({ state, grounds });
  });

  it('judged by the thresholds of its operator', () => {
    const lenient = readThresholds({ minCalls: 100, faultRatio: 0.5, unhealthyProbes: 10 });
    const window = { calls: 100, faults: 49, slow: 0 };
    expect(instanceHealth({ ...good, failedProbes: 9, window }, lenient).state).toBe('degraded');
    expect(instanceHealth({ ...good, window }, lenient).state).toBe('healthy');
    expect(instanceHealth({ ...good, window: { ...window, faults: 50 } }, lenient).state).toBe('degraded');
    const strict = readThresholds({ unhealthyProbes: 1 });
    expect(instanceHealth({ ...good, failedProbes: 1 }, strict).state).toBe('unhealthy');
  });
});

describe('calls are slow', () => {
  it.each([
    ['tools', undefined, Infinity],
    ['others', undefined, 10_000],
    ['tools', { slowMs: 500 }, 500],
    ['others', { slowMs: 60_000 }, 60_000],
  ] as const)('%s with %j from %d ms on', (calls, rules, ms) => {
    expect(slowMsOf(calls, rules)).toBe(ms);
  });
});

describe('a server is', () => {
  const two: ServerFacts = {
    stopped: false,
    wanted: 2,
    instances: ['healthy', 'healthy'],
    failedLists: 0,
    window: quiet,
  };

  it.each<[ServerState, ServerGrounds | undefined, string, Partial<ServerFacts>]>([
    ['stopped', undefined, 'when it was closed', { stopped: true }],
    ['stopped', undefined, 'when it was scaled to nothing', { wanted: 0, instances: [] }],
    ['starting', undefined, 'while none is up and none has failed', { instances: ['starting', 'starting'] }],
    ['starting', undefined, 'before there are any', { instances: [] }],
    ['unhealthy', 'instance', 'when none takes calls', { instances: ['unhealthy', 'unhealthy'] }],
    [
      'unhealthy',
      'instance',
      'when one has failed before the other is there',
      { instances: ['starting', 'unhealthy'] },
    ],
    ['degraded', 'instance', 'when one of two takes calls', { instances: ['healthy', 'unhealthy'] }],
    ['degraded', 'instance', 'when none takes calls as it should', { instances: ['starting', 'degraded'] }],
    ['healthy', undefined, 'while one more is on its way', { instances: ['healthy', 'starting'] }],
    ['degraded', 'missing', 'when there are fewer than wanted', { instances: ['healthy'] }],
    ['healthy', undefined, 'when there are more than wanted', { wanted: 1 }],
    ['degraded', 'lists', 'when a list of it is missing', { failedLists: 1 }],
    [
      'degraded',
      'faults',
      'when its calls fail, all instances together',
      { window: { calls: 20, faults: 2, slow: 0 } },
    ],
    ['degraded', 'slow', 'when it is slow, all instances together', { window: { calls: 20, faults: 0, slow: 2 } }],
    ['healthy', undefined, 'when all is well', {}],
  ])('%s (%s) %s', (state, grounds, _, facts) => {
    expect(serverHealth({ ...two, ...facts })).toEqual({ state, grounds });
  });
});
