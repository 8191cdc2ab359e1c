import type { Caller } from './caller.ts';
import { type LoadFigures, Tally } from './tally.ts';

/** A caller whose calls only fail, for instance because its connection is gone, is left alone after so many. */
const patience = 20;

export interface LoopOptions {
  readonly callers: readonly Caller[];
  readonly seconds: number;
  /** The measured process. */
  readonly pid: number;
}

/** Each caller calls again as soon as it has its answer, for so long. */
export async function closedLoop({ callers, seconds, pid }: LoopOptions): Promise<LoadFigures> {
  const tally = new Tally(pid);
  const started = performance.now();
  let running = true;
  setTimeout(() => (running = false), seconds * 1_000);
  const drive = (caller: Caller): Promise<void> =>
    new Promise((resolve) => {
      let failures = 0;
      const call = (): void => {
        const sentAt = performance.now();
        caller.call((problem) => {
          tally.add(performance.now() - sentAt, problem);
          failures = problem === undefined ? 0 : failures + 1;
          if (running && failures < patience) call();
          else resolve();
        });
      };
      call();
    });
  await Promise.all(callers.map(drive));
  return tally.figures(performance.now() - started);
}
