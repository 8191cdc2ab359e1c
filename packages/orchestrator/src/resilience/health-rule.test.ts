import { describe, expect, it } from 'vitest';
import type { Health, InstanceFacts, ServerFacts } from './health-rule.ts';
import { instanceHealth, serverHealth } from './health-rule.ts';

const quiet = { calls: 0, faults: 0, p95Ms: undefined };
const good: InstanceFacts = {
  stopped: false,
  up: true,
  failed: false,
  breaker: 'closed',
  failedProbes: 0,
  window: quiet,
};
const bad: Partial<InstanceFacts> = { breaker: 'open', failedProbes: 9, window: { calls: 99, faults: 99, p95Ms: 1e6 } };

describe('an instance is', () => {
  it.each<[Health, string, Partial<InstanceFacts>]>([
    ['stopped', 'whatever else is known', { ...bad, stopped: true }],
    ['starting', 'before its first connection', { up: false }],
    ['unhealthy', 'when it could not be connected, or went away', { up: false, failed: true }],
    ['healthy', 'when it is back', { failed: true }],
    ['healthy', 'while nothing is known', {}],
    ['unhealthy', 'while its breaker is open', { breaker: 'open' }],
    ['degraded', 'while its breaker lets one call try', { breaker: 'half-open' }],
    ['degraded', 'after one failed probe', { failedProbes: 1 }],
    ['degraded', 'after two', { failedProbes: 2 }],
    ['unhealthy', 'after three in a row', { failedProbes: 3 }],
    ['healthy', 'when less than a tenth fails', { window: { calls: 21, faults: 2, p95Ms: 9_999 } }],
    ['degraded', 'when a tenth fails', { window: { calls: 20, faults: 2, p95Ms: 1 } }],
    ['healthy', 'when all of very few calls fail', { window: { calls: 19, faults: 19, p95Ms: 1e6 } }],
    ['degraded', 'when it is slow', { window: { calls: 20, faults: 0, p95Ms: 10_000 } }],
  ])('%s %s', (health, _, facts) => {
    expect(instanceHealth({ ...good, ...facts })).toBe(health);
  });

  it('judged by the thresholds of its operator', () => {
    const lenient = { minCalls: 100, degradedFaultRatio: 0.5, degradedP95Ms: Infinity, unhealthyProbes: 10 };
    const window = { calls: 100, faults: 49, p95Ms: 1e6 };
    expect(instanceHealth({ ...good, failedProbes: 9, window }, lenient)).toBe('degraded');
    expect(instanceHealth({ ...good, window }, lenient)).toBe('healthy');
    expect(instanceHealth({ ...good, window: { ...window, faults: 50 } }, lenient)).toBe('degraded');
    expect(instanceHealth({ ...good, failedProbes: 1 }, { unhealthyProbes: 1 })).toBe('unhealthy');
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

  it.each<[Health, string, Partial<ServerFacts>]>([
    ['stopped', 'when it was closed', { stopped: true }],
    ['stopped', 'when it was scaled to nothing', { wanted: 0, instances: [] }],
    ['starting', 'while none is up and none has failed', { instances: ['starting', 'starting'] }],
    ['starting', 'before there are any', { instances: [] }],
    ['unhealthy', 'when none takes calls', { instances: ['unhealthy', 'unhealthy'] }],
    ['unhealthy', 'when one has failed and the other is not there yet', { instances: ['starting', 'unhealthy'] }],
    ['degraded', 'when one of two takes calls', { instances: ['healthy', 'unhealthy'] }],
    ['degraded', 'when the only one that takes calls is degraded', { instances: ['unhealthy', 'degraded'] }],
    ['degraded', 'while one more is on its way', { instances: ['healthy', 'starting'] }],
    ['degraded', 'when there are fewer than wanted', { instances: ['healthy'] }],
    ['healthy', 'when there are more than wanted', { wanted: 1 }],
    ['degraded', 'when a list of it is missing', { failedLists: 1 }],
    ['degraded', 'when its calls fail, all instances together', { window: { calls: 20, faults: 2, p95Ms: 1 } }],
    ['degraded', 'when it is slow, all instances together', { window: { calls: 20, faults: 0, p95Ms: 1e5 } }],
    ['healthy', 'when all is well', {}],
  ])('%s %s', (health, _, facts) => {
    expect(serverHealth({ ...two, ...facts })).toBe(health);
  });
});
