import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { anyTime, job, office, type Office, within } from '../testing/office.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Has the bulkhead know that calls take so long. */
async function taught(bulkhead: Office, ms: number): Promise<void> {
  const one = job(bulkhead);
  await vi.advanceTimersByTimeAsync(ms);
  one.finish();
  await one.done;
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('a bulkhead', () => {
  it('begins at once where there is room, and the others in the order of their arrival', async () => {
    const bulkhead = office({ maxConcurrent: 2 });
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
    const bulkhead = office({ maxConcurrent: 1 });
    const failing = job(bulkhead);
    const next = job(bulkhead);
    failing.fail(new Error('no'));
    expect(await failing.done).toMatchObject({ message: 'no' });
    expect(next.begun).toBe(true);
    next.finish();
    await next.done;
    expect(bulkhead.inFlight).toBe(0);
  });

  it('refuses at once when the queue is full, and says when there may be room', async () => {
    const bulkhead = office({ maxConcurrent: 1, maxQueue: 2 });
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
    const bulkhead = office({ maxConcurrent: 2 });
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
    const bulkhead = office({ maxConcurrent: 1 });
    const running = job(bulkhead);
    const refused = await job(bulkhead, within(0)).done;
    expect(refused).toMatchObject({ code: 'UPSTREAM_BUSY', facts: { upstream: 'files', limit: 1 } });
    running.finish();
  });

  it('refuses whose deadline passes in the queue', async () => {
    const bulkhead = office({ maxConcurrent: 1 });
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
    const bulkhead = office({ maxConcurrent: 1 });
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
    const bulkhead = office({ maxConcurrent: 1 });
    const gone = job(bulkhead, { signal: AbortSignal.abort(), deadlineMs: undefined });
    await settle();
    expect(gone.begun).toBe(true);
    gone.finish();
  });

  it('leaves no timer and no listener behind when a turn comes', async () => {
    const bulkhead = office({ maxConcurrent: 1 });
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

describe('a bulkhead of several places', () => {
  it('bounds the calls at each of them, and gives the others to one that has room', async () => {
    const two = office({ desks: 2, maxConcurrent: 2 });
    const jobs = Array.from({ length: 5 }, () => job(two));
    await settle();
    expect(two.desks.map(({ inFlight }) => inFlight)).toEqual([2, 2]);
    expect(two.queued).toBe(1);
    jobs[3]?.finish();
    await settle();
    expect(jobs[4]?.at).toBe(two.desks[1]);
    for (const one of jobs) one.finish();
    await Promise.all(jobs.map(({ done }) => done));
  });

  it('has who needs one of them wait for that one, and nobody else', async () => {
    const two = office({ desks: 2 });
    const [first] = two.desks;
    const bound = [1, 2, 3].map(() => job(two, anyTime, first));
    const other = job(two);
    await settle();
    expect(bound.map(({ begun }) => begun)).toEqual([true, false, false]);
    expect(other.at).toBe(two.desks[1]);
    other.finish();
    bound[0]?.finish();
    await settle();
    expect(bound.map(({ at }) => at)).toEqual([first, first, undefined]);
    for (const one of bound) one.finish();
    await Promise.all(bound.map(({ done }) => done));
  });

  it('serves who came first, whether one place or any would do', async () => {
    const one = office();
    const running = job(one);
    const jobs = [job(one), job(one, anyTime, one.desks[0]), job(one)];
    const begun: number[] = [];
    running.finish();
    for (const _ of jobs) {
      await settle();
      const next = jobs.findIndex((job, at) => job.begun && !begun.includes(at));
      begun.push(next);
      jobs[next]?.finish();
    }
    expect(begun).toEqual([0, 1, 2]);
  });

  it('asks anew where to go for those whose place is gone, in the order in which they came', async () => {
    const two = office({ desks: 2 });
    const [first, second] = two.desks;
    const running = [job(two, anyTime, first), job(two, anyTime, second)];
    const moved = job(two, anyTime, first);
    const later = job(two);
    two.desks.shift();
    two.bulkhead.changed();
    expect(moved.begun).toBe(false);
    running[1]?.finish();
    await settle();
    expect([moved.at, later.at]).toEqual([second, undefined]);
    moved.finish();
    await settle();
    expect(later.at).toBe(second);
    later.finish();
    running[0]?.finish();
  });

  it('does not have anybody wait for one that takes none', async () => {
    const two = office({ desks: 2 });
    const [first, second] = two.desks;
    const running = [job(two, anyTime, first), job(two, anyTime, second)];
    const waiting = job(two, anyTime, first);
    if (first !== undefined) first.allows = false;
    two.bulkhead.changed();
    // To be refused there.
    expect(waiting.at).toBe(first);
    for (const one of [...running, waiting]) one.finish();
  });

  it('refuses those who wait when no place is left, but not where one is expected', async () => {
    const one = office();
    const running = job(one);
    const waiting = job(one);
    one.desks.length = 0;
    one.isExpected = true;
    one.bulkhead.changed();
    await settle();
    expect(one.queued).toBe(1);
    const late = job(one);
    expect(one.queued).toBe(2);
    one.isExpected = false;
    one.bulkhead.changed();
    expect(await waiting.done).toMatchObject({ message: 'nobody is there' });
    expect(await late.done).toMatchObject({ message: 'nobody is there' });
    running.finish();
  });

  it('says when nobody waits any longer who could only go to one', async () => {
    const two = office({ desks: 2 });
    const [first] = two.desks;
    if (first === undefined) throw new Error('there is none');
    const running = job(two, anyTime, first);
    const waiting = job(two, anyTime, first);
    let isCleared = false;
    void two.bulkhead.cleared(first).then(() => (isCleared = true));
    await settle();
    expect(isCleared).toBe(false);
    running.finish();
    await settle();
    expect([waiting.at, isCleared]).toEqual([first, true]);
    waiting.finish();
    await two.bulkhead.cleared(first);
  });
});
