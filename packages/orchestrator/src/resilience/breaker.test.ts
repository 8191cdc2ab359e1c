import { ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import type { Breaker, BreakerOptions, BreakerState } from './breaker.ts';
import { createBreaker } from './breaker.ts';
import { busy, cancelledByCaller, gone, refused, timedOut } from './testing/failures.ts';

function rig(options: Partial<BreakerOptions> = {}): {
  readonly breaker: Breaker;
  readonly clock: { nowMs: number };
  readonly changes: BreakerState[];
} {
  const clock = { nowMs: 0 };
  const changes: BreakerState[] = [];
  const breaker = createBreaker({
    upstream: 'a',
    now: () => clock.nowMs,
    random: () => 0,
    onChange: (state) => changes.push(state),
    ...options,
  });
  return { breaker, clock, changes };
}

async function fail(breaker: Breaker, error: Error = gone(), times = 1): Promise<void> {
  for (let time = 0; time < times; time++) await expect(breaker.run(() => Promise.reject(error))).rejects.toBe(error);
}

const succeed = (breaker: Breaker): Promise<number> => breaker.run(() => Promise.resolve(1));

/** A call whose end the test decides. */
function underWay(breaker: Breaker): { resolve: () => void; reject: (error: Error) => void; done: Promise<unknown> } {
  const end = Promise.withResolvers<void>();
  const done = breaker.run(() => end.promise).catch((error: unknown) => error);
  return { resolve: end.resolve, reject: end.reject, done };
}

describe('a breaker opens', () => {
  it('after five faults in a row, and then refuses calls without making them', async () => {
    const { breaker, changes } = rig();
    await fail(breaker, gone(), 4);
    expect(breaker.state).toBe('closed');
    await fail(breaker);
    expect(breaker.state).toBe('open');
    expect(breaker.allows).toBe(false);
    let made = false;
    await expect(breaker.run(async () => void (made = true))).rejects.toMatchObject({
      code: 'UPSTREAM_BREAKER_OPEN',
      facts: { upstream: 'a', retryInMs: 500 },
    });
    expect(made).toBe(false);
    expect(changes).toEqual(['open']);
  });

  it('not for five faults with an answer between them, an error of the server being one', async () => {
    const { breaker } = rig();
    await fail(breaker, gone(), 4);
    await fail(breaker, refused());
    await fail(breaker, gone(), 4);
    await succeed(breaker);
    await fail(breaker, gone(), 4);
    expect(breaker.state).toBe('closed');
  });

  it('when more than half of the last twenty calls were faults', async () => {
    const { breaker } = rig();
    // Three faults to two answers, so never five in a row.
    for (let round = 0; round < 4; round++) {
      expect(breaker.state).toBe('closed');
      await succeed(breaker);
      await succeed(breaker);
      await fail(breaker, gone(), 3);
    }
    expect(breaker.state).toBe('open');
  });

  it('neither for what the caller did nor because of it', async () => {
    const { breaker } = rig();
    await fail(breaker, cancelledByCaller(), 100);
    await fail(breaker, busy(), 100);
    await fail(breaker, gone(), 4);
    // They are no answers either.
    await fail(breaker, cancelledByCaller());
    await fail(breaker);
    expect(breaker.state).toBe('open');
  });

  it('not for timeouts at the deadline of the call', async () => {
    const { breaker, clock } = rig();
    const late = timedOut();
    clock.nowMs = 1_000;
    for (let time = 0; time < 10; time++)
      await expect(breaker.run(() => Promise.reject(late), 1_000)).rejects.toBe(late);
    expect(breaker.state).toBe('closed');
  });

  it('for work that throws before it returns a promise', async () => {
    const { breaker } = rig({ faultsInARow: 1 });
    const throws = (): Promise<void> => {
      throw new TypeError('not even a promise');
    };
    await expect(breaker.run(throws)).rejects.toThrow(TypeError);
    expect(breaker.state).toBe('open');
  });
});

describe('a breaker that is open', () => {
  it('lets one call through when its pause is over, and closes when that is answered', async () => {
    const { breaker, clock, changes } = rig();
    await fail(breaker, gone(), 5);
    clock.nowMs = 499;
    expect([breaker.state, breaker.allows]).toEqual(['open', false]);
    clock.nowMs = 500;
    expect([breaker.state, breaker.allows]).toEqual(['half-open', true]);
    const probe = underWay(breaker);
    expect([breaker.state, breaker.allows]).toEqual(['half-open', false]);
    await expect(succeed(breaker)).rejects.toMatchObject({ code: 'UPSTREAM_BREAKER_OPEN' });
    probe.resolve();
    await probe.done;
    expect([breaker.state, breaker.allows]).toEqual(['closed', true]);
    expect(changes).toEqual(['open', 'half-open', 'closed']);
    // It begins with a clean slate.
    await fail(breaker, gone(), 4);
    expect(breaker.state).toBe('closed');
  });

  it('closes on any answer, and pauses longer after each fault, within its bound', async () => {
    const { breaker, clock } = rig({ maxPauseMs: 4_000 });
    await fail(breaker, gone(), 5);
    const pauses: unknown[] = [];
    for (let round = 0; round < 5; round++) {
      const error = await succeed(breaker).catch((error: unknown) => error);
      const pauseMs = ToolyardError.is(error, 'UPSTREAM_BREAKER_OPEN') ? error.facts.retryInMs : 0;
      pauses.push(pauseMs);
      clock.nowMs += pauseMs;
      if (round < 4) await fail(breaker);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 2_000, 2_000]);
    await fail(breaker, refused());
    expect(breaker.state).toBe('closed');
    await fail(breaker, gone(), 5);
    await expect(succeed(breaker)).rejects.toMatchObject({ facts: { retryInMs: 500 } });
  });

  it('pauses for a random part of the second half of the bound', async () => {
    const { breaker } = rig({ random: () => 0.999_999 });
    await fail(breaker, gone(), 5);
    await expect(succeed(breaker)).rejects.toMatchObject({ facts: { retryInMs: 999 } });
  });

  it('learns nothing from a probe that its caller cancelled, and lets the next one try', async () => {
    const { breaker, clock } = rig();
    await fail(breaker, gone(), 5);
    clock.nowMs = 500;
    await fail(breaker, cancelledByCaller());
    expect([breaker.state, breaker.allows]).toEqual(['half-open', true]);
    await succeed(breaker);
    expect(breaker.state).toBe('closed');
  });

  it('lets another one try when a probe takes too long, and then ignores the first', async () => {
    const { breaker, clock } = rig();
    await fail(breaker, gone(), 5);
    clock.nowMs = 500;
    const slow = underWay(breaker);
    clock.nowMs = 10_499;
    await expect(succeed(breaker)).rejects.toMatchObject({ facts: { retryInMs: 1 } });
    clock.nowMs = 10_500;
    const second = underWay(breaker);
    slow.reject(gone());
    await slow.done;
    expect(breaker.state).toBe('half-open');
    second.resolve();
    await second.done;
    expect(breaker.state).toBe('closed');
  });

  it('ignores how calls end that began before it opened', async () => {
    const { breaker, clock } = rig();
    const [good, bad] = [underWay(breaker), underWay(breaker)];
    await fail(breaker, gone(), 5);
    good.resolve();
    await good.done;
    expect(breaker.state).toBe('open');
    clock.nowMs = 500;
    const probe = underWay(breaker);
    bad.reject(gone());
    await bad.done;
    expect(breaker.state).toBe('half-open');
    probe.resolve();
    await probe.done;
    expect(breaker.state).toBe('closed');
  });

  it('closes when it is reset, and forgets the calls of before', async () => {
    const { breaker, changes } = rig();
    const old = underWay(breaker);
    await fail(breaker, gone(), 5);
    breaker.reset();
    expect(breaker.state).toBe('closed');
    expect(changes).toEqual(['open', 'closed']);
    await fail(breaker, gone(), 4);
    old.reject(gone());
    await old.done;
    expect(breaker.state).toBe('closed');
    breaker.reset();
    await fail(breaker, gone(), 4);
    expect(breaker.state).toBe('closed');
    expect(changes).toEqual(['open', 'closed']);
  });
});
