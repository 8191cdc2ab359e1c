import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { threadClock } from './thread-clock.ts';

export interface Holds {
  /** The longest that a turn of the event loop took, in milliseconds. */
  readonly longestMs: number;
  /** The same in CPU time of the main thread: what is left on a machine that has other things to do. */
  readonly longestCpuMs: number;
  /** The longest pause for garbage collection meanwhile; the loop stands still in it too. */
  readonly longestGcMs: number;
}

/** Watches for how long `work` keeps others from having their turn. */
export async function watchLoop<T>(work: () => Promise<T>): Promise<readonly [T, Holds]> {
  const clock = threadClock();
  let longestGcMs = 0;
  const collector = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration);
  });
  collector.observe({ entryTypes: ['gc'] });
  let longestMs = 0;
  let longestCpuMs = 0;
  let watching = true;
  const watch = (async () => {
    let last = performance.now();
    let cpu = clock();
    while (watching) {
      await turn();
      const now = performance.now();
      const used = clock();
      longestMs = Math.max(longestMs, now - last);
      longestCpuMs = Math.max(longestCpuMs, used - cpu);
      last = now;
      cpu = used;
    }
  })();
  const result = await work();
  watching = false;
  await watch;
  collector.disconnect();
  return [result, { longestMs, longestCpuMs, longestGcMs }];
}
