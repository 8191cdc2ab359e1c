import { ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { readThresholds } from '../../resilience/health-rule.ts';
import { createOutcomes } from '../../resilience/outcomes.ts';
import { instanceCondition, type JudgedInstance, serverCondition } from './condition.ts';

const status = new ToolyardError('UPSTREAM_STATUS', { upstream: 'a', status: 500 }, 'secret words');
const late = new ToolyardError('UPSTREAM_TIMEOUT', { upstream: 'a', method: 'probe', afterMs: 10 }, 'secret words');
const lost = { code: 'UPSTREAM_CLOSED', message: 'It went away.' } as const;
const none = createOutcomes().summary();
const thresholds = readThresholds();

describe('the reason for the state of an instance', () => {
  const link = { stopped: false, up: true, failed: false, breaker: 'closed', failedProbes: 0, window: none } as const;
  const troubles = { lost, failedProbe: late, lastFault: { error: status, atMs: 1 } };

  it.each([
    ['nothing while all is well, whatever was before', {}, 'healthy', undefined],
    ['that of its connection', { up: false, failed: true }, 'unhealthy', lost],
    [
      'what opened its breaker',
      { breaker: 'open' },
      'unhealthy',
      { code: 'UPSTREAM_STATUS', message: 'It answered with HTTP status 500.' },
    ],
    [
      'what its probe failed with',
      { failedProbes: 1 },
      'degraded',
      { code: 'UPSTREAM_TIMEOUT', message: 'It did not answer probe within 10 ms.' },
    ],
    [
      'how many calls failed, and the last',
      { window: { ...none, calls: 20, faults: 5 } },
      'degraded',
      {
        code: 'UPSTREAM_STATUS',
        message: 'Of 20 calls in the last minute 5 failed. The last: It answered with HTTP status 500.',
      },
    ],
    [
      'how slow it is',
      { window: { ...none, calls: 40, slow: 3, p95Ms: 12_345.6 } },
      'degraded',
      { code: 'SLOW', message: 'Of 40 calls in the last minute 3 were slow; the slowest took 12346 ms and more.' },
    ],
  ] as const)('is %s', (_, facts, state, reason) => {
    expect(instanceCondition({ ...link, ...facts }, troubles, thresholds)).toEqual({ state, reason });
  });
});

describe('the reason for the state of a server', () => {
  const fine: JudgedInstance = {
    number: 1,
    condition: { state: 'healthy', reason: undefined },
    outcomes: createOutcomes(),
    lastFault: undefined,
  };
  const down: JudgedInstance = { ...fine, number: 2, condition: { state: 'unhealthy', reason: lost } };
  const facts = { stopped: false, wanted: 1, failedLists: [] } as const;

  it.each([
    ['that of its only instance', { instances: [down] }, lost],
    ['that of the worst of several', { instances: [fine, down] }, { ...lost, message: 'Instance 2: It went away.' }],
    [
      'that there are too few',
      { instances: [fine], wanted: 3 },
      { code: 'UPSTREAM_UNREACHABLE', message: 'Of 3 instances there are 1.' },
    ],
    [
      'which lists are missing',
      { instances: [fine], failedLists: ['tools', 'prompts'] },
      { code: 'LISTS_FAILED', message: 'It did not list its tools, prompts.' },
    ],
  ] as const)('is %s', (_, more, reason) => {
    expect(serverCondition({ ...facts, ...more }, thresholds).reason).toEqual(reason);
  });

  it('is the fault that came last, where calls fail at all of its instances', () => {
    const failing = (error: unknown, atMs: number): JudgedInstance => {
      const outcomes = createOutcomes({ now: () => 0 });
      for (let call = 0; call < 10; call++) outcomes.record(0, call === 0);
      return { ...fine, outcomes, lastFault: { error, atMs } };
    };
    const instances = [failing(late, 2), failing(status, 1)];
    expect(serverCondition({ ...facts, wanted: 2, instances }, thresholds)).toEqual({
      state: 'degraded',
      reason: {
        code: 'UPSTREAM_TIMEOUT',
        message: 'Of 20 calls in the last minute 2 failed. The last: It did not answer probe within 10 ms.',
      },
    });
  });
});
