import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcomes } from './outcomes.ts';
import { createOutcomes, summarize } from './outcomes.ts';
import { cancelledByCaller, gone, refused, timedOut } from './testing/failures.ts';

function rig(): { readonly clock: { nowMs: number }; readonly outcomes: Outcomes } {
  const clock = { nowMs: 100_000 };
  return { clock, outcomes: createOutcomes({ now: () => clock.nowMs }) };
}

const nothing = {
  calls: 0,
  faults: 0,
  slow: 0,
  averageMs: undefined,
  p50Ms: undefined,
  p95Ms: undefined,
  p99Ms: undefined,
};

describe('a window of outcomes', () => {
  it('says nothing where nothing was', () => {
    const { outcomes } = rig();
    expect(outcomes.summary()).toEqual(nothing);
    expect(outcomes.lastAnswerMs).toBe(-Infinity);
  });

  it('counts calls and faults, and averages their times', () => {
    const { clock, outcomes } = rig();
    outcomes.record(clock.nowMs - 10, false);
    outcomes.record(clock.nowMs - 20, false);
    outcomes.record(clock.nowMs - 60, true);
    expect(outcomes.summary()).toMatchObject({ calls: 3, faults: 1, averageMs: 30 });
  });

  it('forgets what is older than its parts, one part at a time', () => {
    const { clock, outcomes } = rig();
    outcomes.record(clock.nowMs, true);
    clock.nowMs += 30_000;
    outcomes.record(clock.nowMs, false);
    clock.nowMs = 159_999;
    expect(outcomes.summary()).toMatchObject({ calls: 2, faults: 1 });
    clock.nowMs = 160_000;
    expect(outcomes.summary()).toMatchObject({ calls: 1, faults: 0 });
    clock.nowMs = 190_000;
    expect(outcomes.summary()).toEqual(nothing);
  });

  it('counts anew in a part that comes round again', () => {
    const { clock, outcomes } = rig();
    outcomes.record(clock.nowMs - 1, true);
    clock.nowMs += 60_000;
    outcomes.record(clock.nowMs - 8, false);
    expect(outcomes.summary()).toEqual({ calls: 1, faults: 0, slow: 0, averageMs: 8, p50Ms: 8, p95Ms: 8, p99Ms: 8 });
  });

  it('has percentiles that are never too low, and too high by 9% at most', () => {
    const times = fc.array(fc.double({ min: 0.125, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, (took) => {
        const { clock, outcomes } = rig();
        clock.nowMs = 2_000_000;
        for (const ms of took) outcomes.record(clock.nowMs - ms, false);
        const sorted = took.map((ms) => clock.nowMs - (clock.nowMs - ms)).sort((a, b) => a - b);
        const { p50Ms = NaN, p95Ms = NaN, p99Ms = NaN } = outcomes.summary();
        for (const [part, ms] of [
          [0.5, p50Ms],
          [0.95, p95Ms],
          [0.99, p99Ms],
        ] as const) {
          const exact = sorted[Math.ceil(took.length * part) - 1] ?? NaN;
          expect(ms).toBeGreaterThanOrEqual(exact * 0.999_999);
          expect(ms).toBeLessThanOrEqual(exact * 1.091);
        }
      }),
    );
  });

  it('has a place for times beyond its classes, and for clocks that stand still', () => {
    const { clock, outcomes } = rig();
    outcomes.record(clock.nowMs, false);
    outcomes.record(-1e12, false);
    expect(outcomes.summary()).toMatchObject({ calls: 2, p50Ms: 0.125, p99Ms: 2 ** 20 });
  });

  it('counts those that took as long as is slow for them', () => {
    const { clock, outcomes } = rig();
    outcomes.record(clock.nowMs - 500, false, 500);
    outcomes.record(clock.nowMs - 499, false, 500);
    outcomes.record(clock.nowMs - 9_999, false);
    outcomes.rejected(clock.nowMs - 500, gone, undefined, 500);
    expect(outcomes.summary()).toMatchObject({ calls: 4, slow: 2 });
    clock.nowMs += 60_000;
    expect(outcomes.summary().slow).toBe(0);
  });

  it('tells of faults and slow calls, and whether it holds any', () => {
    const clock = { nowMs: 100_000 };
    let told = 0;
    const outcomes = createOutcomes({ now: () => clock.nowMs, onTrouble: () => void told++ });
    outcomes.record(clock.nowMs - 9, false, 10);
    expect([told, outcomes.troubled]).toEqual([0, false]);
    outcomes.record(clock.nowMs - 10, false, 10);
    expect([told, outcomes.troubled]).toEqual([1, true]);
    clock.nowMs += 60_000;
    expect(outcomes.troubled).toBe(false);
    outcomes.record(clock.nowMs, true);
    expect([told, outcomes.troubled]).toEqual([2, true]);
  });

  it('is put together with others', () => {
    const [one, two] = [rig(), rig()];
    for (let call = 0; call < 9; call++) one.outcomes.record(one.clock.nowMs - 1, false);
    two.outcomes.record(two.clock.nowMs - 1_024, true);
    const both = summarize([one.outcomes, two.outcomes]);
    expect(both).toEqual({ calls: 10, faults: 1, slow: 0, averageMs: 103.3, p50Ms: 1, p95Ms: 1_024, p99Ms: 1_024 });
    expect(summarize([])).toEqual(nothing);
  });
});

describe('a call that was rejected', () => {
  it('counts as answered where the server refused it', () => {
    const { clock, outcomes } = rig();
    outcomes.rejected(clock.nowMs - 16, refused());
    expect(outcomes.summary()).toMatchObject({ calls: 1, faults: 0, averageMs: 16 });
    expect(outcomes.lastAnswerMs).toBe(clock.nowMs);
  });

  it('counts as a fault, which is no answer', () => {
    const { clock, outcomes } = rig();
    outcomes.rejected(clock.nowMs, gone());
    expect(outcomes.summary()).toMatchObject({ calls: 1, faults: 1 });
    expect(outcomes.lastAnswerMs).toBe(-Infinity);
  });

  it('counts as nothing where its caller ended it, by a signal or a deadline', () => {
    const { clock, outcomes } = rig();
    outcomes.rejected(clock.nowMs, cancelledByCaller());
    outcomes.rejected(clock.nowMs, timedOut(), clock.nowMs);
    expect(outcomes.summary()).toEqual(nothing);
  });
});
