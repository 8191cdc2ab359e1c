import { expect, it } from 'vitest';
import { jumpingClock } from './clock.ts';
import { growth } from './leftovers.ts';
import { slopeOf } from './memory.ts';

it('a clock that jumps takes all dates along, and nothing that measures time', () => {
  const from = [Date.now(), performance.now()] as const;
  {
    using clock = jumpingClock();
    clock.jump(3_600_000);
    for (const now of [Date.now(), new Date().getTime()]) expect(now - from[0]).toBeGreaterThanOrEqual(3_600_000);
    expect(new Date(5).getTime()).toBe(5);
    expect(performance.now() - from[1]).toBeLessThan(60_000);
  }
  expect(Date.now() - from[0]).toBeLessThan(60_000);
});

it('growth is what there is more of, and processes that are not the same', () => {
  const before = { resources: { Timeout: 1 }, sockets: 2, children: [7] };
  expect(growth(before, before)).toEqual([]);
  expect(growth(before, { resources: { Timeout: 2, TCPSocketWrap: 1 }, sockets: 3, children: [8] })).toEqual([
    'Timeout: 1 → 2',
    'TCPSocketWrap: 0 → 1',
    'sockets: 2 → 3',
    'processes: 8',
  ]);
});

it('the slope of a line is its own, a minute', () => {
  const samples = [0, 30_000, 60_000].map((atMs) => ({ atMs, heapMb: 10 + atMs / 20_000, rssMb: 5 }));
  expect(slopeOf(samples, ({ heapMb }) => heapMb)).toBeCloseTo(3);
  expect(slopeOf(samples, ({ rssMb }) => rssMb)).toBe(0);
});
