import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRetryBudget } from './retry-budget.ts';

function taken(take: () => boolean, tries = 1_000): number {
  let count = 0;
  for (let time = 0; time < tries; time++) if (take()) count++;
  return count;
}

describe('a retry budget', () => {
  it('pays for one repeat in five calls', () => {
    const budget = createRetryBudget({ minPerSecond: 0, now: () => 0 });
    expect(taken(budget.take)).toBe(0);
    for (let call = 0; call < 50; call++) budget.called();
    expect(taken(budget.take)).toBe(10);
  });

  it('pays for three a second without any calls, ten seconds in advance', () => {
    const clock = { nowMs: 0 };
    const budget = createRetryBudget({ now: () => clock.nowMs });
    expect(taken(budget.take)).toBe(30);
    clock.nowMs = 2_000;
    expect(taken(budget.take)).toBe(6);
  });

  it('saves up so many and no more', () => {
    const clock = { nowMs: 0 };
    const budget = createRetryBudget({ now: () => clock.nowMs });
    for (let call = 0; call < 10_000; call++) budget.called();
    expect(taken(budget.take)).toBe(100);
    clock.nowMs = 3_600_000;
    expect(taken(budget.take)).toBe(100);
  });

  it('never grants more than its ratio of the calls and its minimum, in whatever order things happen', () => {
    const events = fc.array(
      fc.oneof(
        fc.constant<'call'>('call'),
        fc.constant<'repeat'>('repeat'),
        fc.integer({ min: 1, max: 5_000 }), // milliseconds that pass
      ),
      { maxLength: 500 },
    );
    fc.assert(
      fc.property(
        events,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 10 }),
        (happens, ratio, minPerSecond) => {
          const clock = { nowMs: 0 };
          const budget = createRetryBudget({ ratio, minPerSecond, now: () => clock.nowMs });
          let [calls, repeats] = [0, 0];
          for (const event of happens) {
            if (event === 'call') {
              calls++;
              budget.called();
            } else if (event === 'repeat') repeats += budget.take() ? 1 : 0;
            else clock.nowMs += event;
            expect(repeats).toBeLessThanOrEqual(ratio * calls + minPerSecond * (10 + clock.nowMs / 1000) + 0.001);
          }
        },
      ),
    );
  });
});
