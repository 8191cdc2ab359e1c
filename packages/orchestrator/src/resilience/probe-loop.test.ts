import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProbeLoopOptions } from './probe-loop.ts';
import { probeLoop } from './probe-loop.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Rig {
  /** Those that were begun; the test ends them. */
  readonly probes: (PromiseWithResolvers<void> & { readonly signal: AbortSignal })[];
  /** Failures in a row, as they were told. */
  readonly told: number[];
  readonly errors: unknown[];
  readonly instance: { lastAnswerMs: number };
  readonly done: Promise<void>;
  stop(): void;
}

function rig(options: Partial<ProbeLoopOptions> = {}): Rig {
  const probes: Rig['probes'] = [];
  const told: number[] = [];
  const errors: unknown[] = [];
  const instance = { lastAnswerMs: -Infinity };
  const controller = new AbortController();
  const done = probeLoop({
    upstream: 'a',
    probe(signal) {
      const probe = { ...Promise.withResolvers<void>(), signal };
      probes.push(probe);
      return probe.promise;
    },
    lastAnswerMs: () => instance.lastAnswerMs,
    onProbe(failed, error) {
      told.push(failed);
      errors.push(error);
    },
    signal: controller.signal,
    random: () => 0.5,
    ...options,
  });
  return { probes, told, errors, instance, done, stop: () => controller.abort(new Error('stopped')) };
}

/** Lets the next probe begin, and ends it. */
async function next({ probes }: Rig, failure?: Error): Promise<void> {
  await vi.advanceTimersByTimeAsync(30_000);
  if (failure === undefined) probes.at(-1)?.resolve();
  else probes.at(-1)?.reject(failure);
  await vi.advanceTimersByTimeAsync(0);
}

describe('a probe loop', () => {
  it('probes after each interval, and counts failures in a row', async () => {
    const one = rig();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(one.probes).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(one.probes).toHaveLength(1);
    one.probes[0]?.resolve();
    await vi.advanceTimersByTimeAsync(0);
    const failure = new Error('no');
    await next(one, failure);
    await next(one, failure);
    await next(one);
    await next(one, failure);
    expect(one.told).toEqual([0, 1, 2, 0, 1]);
    expect(one.errors).toEqual([undefined, failure, failure, undefined, failure]);
    one.stop();
    await one.done;
  });

  it.each([
    [0, 27_000],
    [0.999_999_9, 33_000],
  ])('takes up to a tenth more or less time: %d', async (random, ms) => {
    const one = rig({ random: () => random });
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(one.probes).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(one.probes).toHaveLength(1);
    one.stop();
    await one.done;
  });

  it('does not ask while the instance answers anyway, and takes that for a success', async () => {
    const one = rig();
    await next(one, new Error('no'));
    await vi.advanceTimersByTimeAsync(1);
    one.instance.lastAnswerMs = performance.now();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(one.probes).toHaveLength(1);
    expect(one.told).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(one.probes).toHaveLength(2);
    one.stop();
    await one.done;
  });

  it('does not take the answer to its own probe for a reason to skip the next', async () => {
    const one = rig();
    for (let probe = 1; probe <= 3; probe++) {
      await vi.advanceTimersByTimeAsync(30_000);
      expect(one.probes).toHaveLength(probe);
      one.instance.lastAnswerMs = performance.now();
      one.probes.at(-1)?.resolve();
      await vi.advanceTimersByTimeAsync(0);
    }
    one.stop();
    await one.done;
  });

  it('aborts a probe that takes too long, and begins no other before that one has ended', async () => {
    const one = rig();
    await vi.advanceTimersByTimeAsync(30_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(one.told).toEqual([1]);
    expect(one.errors).toMatchObject([{ code: 'UPSTREAM_TIMEOUT', facts: { upstream: 'a', afterMs: 10_000 } }]);
    expect(one.probes[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(one.probes).toHaveLength(1);
    one.probes[0]?.reject(new Error('at last'));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(one.probes).toHaveLength(2);
    one.stop();
    await one.done;
  });

  it('survives a probe that throws at once', async () => {
    const error = new TypeError('no promise');
    const one = rig({
      probe: () => {
        throw error;
      },
    });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(one.errors).toEqual([error]);
    one.stop();
    await one.done;
  });

  it('stops with its signal, between probes, in one, and behind one that does not end', async () => {
    const between = rig();
    between.stop();
    await between.done;
    const within = rig();
    await vi.advanceTimersByTimeAsync(30_000);
    within.stop();
    await within.done;
    expect(within.probes[0]?.signal.aborted).toBe(true);
    const behind = rig();
    await vi.advanceTimersByTimeAsync(40_000);
    behind.stop();
    await behind.done;
    expect(behind.told).toEqual([1]);
    expect(within.told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
