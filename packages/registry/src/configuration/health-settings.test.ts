import { expect, it } from 'vitest';

import { parse, problems } from '../testing/parse.ts';

it('what is held against a server, and how calls are made again, becomes part of its definition', () => {
  const { servers, orchestration } = parse(`servers:
  a:
    command: x
    health: { probeIntervalMs: 0, unhealthyProbes: 1, minCalls: 5, faultRatio: 1, slowMs: 2500 }
    breaker: { faultsInARow: 2, faultRatio: 0.25, recentCalls: 10, firstPauseMs: 100, maxPauseMs: 5000 }
    calls: { retry: { maxAttempts: 1, firstDelayMs: 10, maxDelayMs: 50 }, hedge: { percentile: 95, afterMs: 20 } }
orchestration: { probeIntervalMs: 5000 }
`);
  expect(servers).toMatchObject([
    {
      health: { probeIntervalMs: 0, unhealthyProbes: 1, minCalls: 5, faultRatio: 1, slowMs: 2_500 },
      breaker: { faultsInARow: 2, faultRatio: 0.25, recentCalls: 10, firstPauseMs: 100, maxPauseMs: 5_000 },
      calls: {
        retry: { maxAttempts: 1, firstDelayMs: 10, maxDelayMs: 50 },
        hedge: { percentile: 95, afterMs: 20 },
      },
    },
  ]);
  expect(orchestration).toEqual({ probeIntervalMs: 5_000 });
});

it('what is wrong with that is said', () => {
  const text = `servers:
  a:
    command: x
    health: { slowms: 1, faultRatio: 0, unhealthyProbes: 0 }
    breaker: { faultRatio: 1, faultsInRow: 3 }
    calls: { retry: { maxAttempts: 11, attempts: 2 } }
  b: { command: x, calls: { hedge: {} } }
  c: { command: x, calls: { hedge: 500 } }
  d: { command: x, calls: { hedge: { percentile: 100, after: 1 } } }
`;
  expect(problems(text)).toEqual([
    '4:15 servers.a.health.slowms: unknown key "slowms"; did you mean "slowMs"?',
    '4:38 servers.a.health.faultRatio: found 0; expected a part, such as 0.25: more than 0, up to 1',
    '4:58 servers.a.health.unhealthyProbes: found 0; expected a whole number of probes from 1 to 1000',
    '5:28 servers.a.breaker.faultRatio: found 1; expected a part, such as 0.25: more than 0, less than 1',
    '5:31 servers.a.breaker.faultsInRow: unknown key "faultsInRow"; did you mean "faultsInARow"?',
    '6:36 servers.a.calls.retry.maxAttempts: found 11; expected a whole number of attempts from 1 to 10',
    '6:40 servers.a.calls.retry.attempts: unknown key "attempts"; known here: maxAttempts, firstDelayMs, maxDelayMs',
    '7:29 servers.b.calls.hedge: found an empty mapping; expected a mapping with "afterMs", "percentile" or both',
    '8:36 servers.c.calls.hedge: found 500; expected a mapping with "afterMs", "percentile" or both',
    '9:50 servers.d.calls.hedge.percentile: found 100; expected a whole number of calls in a hundred from 50 to 99',
    '9:55 servers.d.calls.hedge.after: unknown key "after"; known here: afterMs, percentile',
  ]);
});
