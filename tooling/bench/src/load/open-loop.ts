import { percentile } from '../figures/percentile.ts';
import type { Caller } from './caller.ts';
import type { LoopOptions } from './closed-loop.ts';
import { type LoadFigures, Tally } from './tally.ts';
import { timetable } from './timetable.ts';

export interface OpenLoopFigures extends LoadFigures {
  /** How much later than due the generator itself was, at the 99th percentile, where a connection was free: part of the latencies. */
  readonly lateP99Ms: number;
}

/** How long the generator sleeps at most where nothing is due; Node's timers would make it a millisecond. */
const napMs = 0.05;

/**
 * Calls at a fixed rate. A call that is due while no caller is free waits for one, and its latency counts from the time it was due, so that a target that stalls is charged
 * for all that it kept from being sent.
 */
export async function openLoop({ callers, seconds, pid }: LoopOptions, perSecond: number): Promise<OpenLoopFigures> {
  const tally = new Tally(pid);
  const lateMs: number[] = [];
  const { total, dueMs } = timetable(perSecond, seconds);
  const free = [...callers];
  const over = Promise.withResolvers<void>();
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const started = performance.now();
  let next = 0;
  let answered = 0;

  const sendDue = (): number => {
    for (;;) {
      const ahead = started + dueMs(next) - performance.now();
      if (next >= total || ahead > 0 || free.length === 0) return ahead;
      const caller = free.pop();
      if (caller === undefined) return ahead;
      call(caller, started + dueMs(next));
      next += 1;
    }
  };
  const call = (caller: Caller, due: number): void => {
    if (free.length > 0) lateMs.push(performance.now() - due);
    caller.call((problem) => {
      tally.add(performance.now() - due, problem);
      free.push(caller);
      answered += 1;
      if (answered === total) over.resolve();
    });
  };
  const turn = (): void => {
    const ahead = sendDue();
    if (next >= total) return;
    if (ahead > 0) Atomics.wait(cell, 0, 0, Math.min(ahead, napMs));
    setImmediate(turn);
  };
  turn();
  await over.promise;
  return { ...tally.figures(performance.now() - started), lateP99Ms: percentile(lateMs, 99) };
}
