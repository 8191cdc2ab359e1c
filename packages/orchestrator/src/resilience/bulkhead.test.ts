import { ToolyardError } from '@toolyard/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bulkhead, Waiting } from './bulkhead.ts';
import { createBulkhead } from './bulkhead.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;
const anyTime: Waiting = { signal: never, deadlineMs: undefined };
const within = (ms: number): Waiting => ({ signal: never, deadlineMs: performance.now() + ms });

interface Job {
  /** Whether its work was begun. */
  readonly begun: boolean;
  readonly finish: () => void;
  /** The result, or what it was refused with. */
  readonly done: Promise<unknown>;
}

function job(bulkhead: Bulkhead, call: Waiting = anyTime): Job {
  const end = Promise.withResolvers<string>();
  const state = { begun: false };
  const done = bulkhead
    .run(call, () => {
      state.begun = true;
      return end.promise;
    })
    .catch((error: unknown) => error);
  return {
    get begun() {
      return state.begun;
    },
    finish: () => end.resolve('done'),
    done,
  };
}

/** Has the bulkhead know that calls take so long. */
async function taught(bulkhead: Bulkhead, ms: number): Promise<void> {
  const one = job(bulkhead);
  await vi.advanceTimersByTimeAsync(ms);
  one.finish();
  await one.done;
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('a bulkhead', () => {
  it('begins at once where there is room, and the others in the order of their arrival', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 2 });
    const jobs = [job(bulkhead), job(bulkhead), job(bulkhead), job(bulkhead)] as const;
    await settle();
    expect(jobs.map(({ begun }) => begun)).toEqual([true, true, false, false]);
    expect([bulkhead.inFlight, bulkhead.queued]).toEqual([2, 2]);
    jobs[1].finish();
    await settle();
    expect(jobs.map(({ begun }) => begun)).toEqual([true, true, true, false]);
    for (const each of jobs) each.finish();
    expect(await Promise.all(jobs.map(({ done }) => done))).toEqual(['done', 'done', 'done', 'done']);
    expect([bulkhead.inFlight, bulkhead.queued]).toEqual([0, 0]);
  });

  it('gives the place back when the work fails', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 1 });
    await expect(bulkhead.run(anyTime, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(bulkhead.inFlight).toBe(0);
  });

  it('refuses at once when the queue is full, and says when there may be room', async () => {
    const bulkhead = createBulkhead({ upstream: 'files', maxConcurrent: () => 1, maxQueue: 2 });
    await taught(bulkhead, 100);
    const jobs = [job(bulkhead), job(bulkhead), job(bulkhead), job(bulkhead)] as const;
    expect(await jobs[3].done).toMatchObject({
      code: 'UPSTREAM_BUSY',
      facts: { upstream: 'files', limit: 1, retryInMs: 300 },
    });
    for (const each of jobs) each.finish();
    await Promise.all(jobs.map(({ done }) => done));
    expect(jobs[3].begun).toBe(false);
  });

  it('refuses at once who could not be served before the deadline', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 2 });
    await taught(bulkhead, 1_000);
    const running = [job(bulkhead), job(bulkhead)];
    // One of two that take a second each is through after half a second on average.
    const refused = job(bulkhead, within(500));
    const waiting = job(bulkhead, within(501));
    expect(await refused.done).toMatchObject({ code: 'UPSTREAM_BUSY', facts: { limit: 2, retryInMs: 500 } });
    expect(bulkhead.queued).toBe(1);
    for (const each of running) each.finish();
    await settle();
    expect(waiting.begun).toBe(true);
    waiting.finish();
    expect(await waiting.done).toBe('done');
  });

  it('refuses who has no time left to wait, also while nothing is known of how long calls take', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 1 });
    const running = job(bulkhead);
    const refused = await job(bulkhead, within(0)).done;
    expect(refused).toMatchObject({ code: 'UPSTREAM_BUSY', facts: { upstream: 'a', limit: 1 } });
    running.finish();
  });

  it('refuses whose deadline passes in the queue', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 1 });
    const running = job(bulkhead);
    const waiting = job(bulkhead, within(50));
    await vi.advanceTimersByTimeAsync(50);
    expect(await waiting.done).toMatchObject({ code: 'UPSTREAM_BUSY' });
    expect(bulkhead.queued).toBe(0);
    running.finish();
    await running.done;
    expect(waiting.begun).toBe(false);
    expect(bulkhead.inFlight).toBe(0);
  });

  it('drops from the queue who cancels, and never begins for who had', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 1 });
    const running = job(bulkhead);
    const controller = new AbortController();
    const waiting = job(bulkhead, { signal: controller.signal, deadlineMs: performance.now() + 1_000 });
    const next = job(bulkhead);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting.done).toMatchObject({ code: 'CANCELLED', cause: reason });
    expect(vi.getTimerCount()).toBe(0);
    expect(await job(bulkhead, { signal: controller.signal, deadlineMs: undefined }).done).toMatchObject({
      code: 'CANCELLED',
    });
    running.finish();
    await settle();
    expect([waiting.begun, next.begun]).toEqual([false, true]);
    next.finish();
  });

  it('takes one that was cancelled before it came, where there is room', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 1 });
    const gone = job(bulkhead, { signal: AbortSignal.abort(), deadlineMs: undefined });
    await settle();
    expect(gone.begun).toBe(true);
    gone.finish();
  });

  it('leaves no timer and no listener behind when a turn comes', async () => {
    const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => 1 });
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    const running = job(bulkhead);
    const waiting = job(bulkhead, { signal, deadlineMs: performance.now() + 1_000 });
    running.finish();
    await settle();
    expect(waiting.begun).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(removed).toHaveBeenCalledTimes(1);
    waiting.finish();
    await waiting.done;
  });
});

describe('whatever happens to a bulkhead', () => {
  type Step =
    | { readonly kind: 'enter'; readonly deadline: number | undefined }
    | { readonly kind: 'finish' | 'cancel'; readonly pick: number }
    | { readonly kind: 'wait'; readonly ms: number };
  const steps = fc.array(
    fc.oneof<fc.Arbitrary<Step>[]>(
      fc.record({
        kind: fc.constant('enter'),
        deadline: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
      }),
      fc.record({ kind: fc.constantFrom('finish', 'cancel'), pick: fc.nat() }),
      fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 100 }) }),
    ),
    { maxLength: 60 },
  );

  it('its bounds hold, nobody is lost, and nobody overtakes', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        async (happens, places, line) => {
          const bulkhead = createBulkhead({ upstream: 'a', maxConcurrent: () => places, maxQueue: line });
          const jobs: Job[] = [];
          const cancels: AbortController[] = [];
          const begun: number[] = [];
          for (const step of happens) {
            if (step.kind === 'enter') {
              const controller = new AbortController();
              const deadlineMs = step.deadline === undefined ? undefined : performance.now() + step.deadline;
              cancels.push(controller);
              jobs.push(job(bulkhead, { signal: controller.signal, deadlineMs }));
            } else if (step.kind === 'wait') await vi.advanceTimersByTimeAsync(step.ms);
            else if (jobs.length > 0) {
              const number = step.pick % jobs.length;
              if (step.kind === 'finish') jobs[number]?.finish();
              else cancels[number]?.abort(new Error('over'));
            }
            await settle();
            for (const [number, one] of jobs.entries()) if (one.begun && !begun.includes(number)) begun.push(number);
            expect(bulkhead.inFlight).toBeLessThanOrEqual(places);
            expect(bulkhead.queued).toBeLessThanOrEqual(line);
            // Nobody waits while there is room.
            expect(bulkhead.queued === 0 || bulkhead.inFlight === places).toBe(true);
          }
          expect(begun).toEqual(begun.toSorted((a, b) => a - b));
          for (const one of jobs) one.finish();
          const ends = await Promise.all(jobs.map(({ done }) => done));
          for (const [number, end] of ends.entries()) {
            const refused = ToolyardError.is(end, 'UPSTREAM_BUSY') || ToolyardError.is(end, 'CANCELLED');
            expect(refused ? 'refused' : end).toBe(jobs[number]?.begun === true ? 'done' : 'refused');
          }
          expect([bulkhead.inFlight, bulkhead.queued, vi.getTimerCount()]).toEqual([0, 0, 0]);
        },
      ),
    );
  });
});
