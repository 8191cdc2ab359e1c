import { orAborted } from '../waiting/pause.ts';

/** Lets so many run at the same time; the others wait in line. */
export interface Limiter {
  /** Resolves with a function that gives the place back (safe to call twice); rejects when `signal` aborts while waiting. */
  enter(signal: AbortSignal): Promise<() => void>;
  /** To be called when there may be more places than before. */
  letIn(): void;
}

/**
 * `places`: asked each time, since it may change. `holdMs`: how long one may keep its place from the others. Connecting is dear at its beginning (a process starts, a package
 * loads), so who takes longer goes on beside the limit, and a few servers that hang do not hold up the rest.
 */
export function createLimiter(places: () => number, holdMs: number): Limiter {
  const line: (() => void)[] = [];
  let taken = 0;
  const letIn = (): void => {
    while (taken < places()) {
      const next = line.shift();
      if (next === undefined) return;
      taken++;
      next();
    }
  };
  const giveBack = (): void => {
    taken--;
    letIn();
  };
  const take = (): (() => void) => {
    let held = true;
    const leave = (): void => {
      clearTimeout(timer);
      if (held) giveBack();
      held = false;
    };
    const timer = setTimeout(leave, holdMs);
    return leave;
  };
  return {
    async enter(signal) {
      if (taken < places()) {
        taken++;
        return take();
      }
      const turn = Promise.withResolvers<void>();
      line.push(turn.resolve);
      try {
        await orAborted(turn.promise, signal);
      } catch (error) {
        const at = line.indexOf(turn.resolve);
        if (at === -1) giveBack();
        else line.splice(at, 1);
        throw error;
      }
      return take();
    },
    letIn,
  };
}
