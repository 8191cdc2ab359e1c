import type { BackoffOptions } from '@toolyard/protocol';
import { backoffMs } from '@toolyard/protocol';
import type { Kind } from '../../catalogue/kinds.ts';
import { pause } from '../../waiting/pause.ts';

export interface RefresherOptions {
  /** Fetches these lists and resolves with those that failed; must not reject. Never runs twice at the same time. */
  fetch(kinds: ReadonlySet<Kind>): Promise<ReadonlySet<Kind>>;
  /** Waited after the first wish, so that a burst of them makes one fetch. */
  readonly delayMs: number;
  /** Least time from the end of one fetch to the start of the next, whatever the server tells. */
  readonly gapMs: number;
  readonly delays: BackoffOptions;
  readonly random: () => number;
  readonly now: () => number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Fetches lists again when asked to: bursts once, one at a time, never in quick succession; those that failed again later. */
export interface Refresher {
  want(kind: Kind): void;
}

export function createRefresher(options: RefresherOptions): Refresher {
  const { signal } = options;
  const wanted = new Set<Kind>();
  let running = false;
  let earliestMs = 0;
  let failures = 0;

  const round = async (): Promise<void> => {
    await pause(Math.max(options.delayMs, earliestMs - options.now()), signal);
    const kinds = new Set(wanted);
    wanted.clear();
    const failed = await options.fetch(kinds);
    earliestMs = options.now() + options.gapMs;
    failures = failed.size > 0 ? failures + 1 : 0;
    if (failed.size === 0) return;
    await pause(backoffMs(failures, { ...options.delays, random: options.random }), signal);
    for (const kind of failed) wanted.add(kind);
  };
  const rounds = async (): Promise<void> => {
    try {
      while (wanted.size > 0 && !signal.aborted) await round();
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      running = false;
    }
  };
  return {
    want(kind) {
      wanted.add(kind);
      if (running || signal.aborted) return;
      running = true;
      void rounds();
    },
  };
}
