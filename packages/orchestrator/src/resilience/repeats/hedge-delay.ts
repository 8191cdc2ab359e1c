import type { HedgeRules } from '@toolyard/registry';
import { createOutcomes, type Outcomes, timeOf } from '../outcomes.ts';

export interface HedgeDelayOptions {
  /** Asked each time; `undefined`: nothing is hedged. */
  readonly rules: () => HedgeRules | undefined;
  readonly now: () => number;
}

/** How long a read may take before there is a second attempt. */
export interface HedgeDelay {
  /** In milliseconds; `undefined` where there is to be none, or nobody knows yet how long reads take. */
  next(): number | undefined;
  /** Whether it is to be told of answers. */
  readonly learns: boolean;
  /** A read that began at `startedMs` has its answer. */
  answered(startedMs: number): void;
}

/** Below this a timer tells nothing, and a hedge is of no use to anybody. */
const defaultLeastMs = 10;
/** Of the last minute; fewer say nothing about what is usual. */
const minReads = 20;
/** How long a percentile holds: working it out costs more than a read may. */
const holdMs = 1_000;

/**
 * After a fixed time, or after that which a part of the reads of the last minute took. Only answers count: a server that hangs must not teach us to wait for it. The time
 * of a read that was hedged is that of the quicker attempt, which began only after the percentile, so that hedges do not draw it down.
 */
export function createHedgeDelay({ rules, now }: HedgeDelayOptions): HedgeDelay {
  let reads: Outcomes | undefined;
  let known: { readonly percentile: number; readonly untilMs: number; readonly ms: number | undefined } | undefined;
  const usual = (percentile: number): number | undefined => {
    const nowMs = now();
    if (known === undefined || known.percentile !== percentile || nowMs >= known.untilMs) {
      reads ??= createOutcomes({ now });
      known = { percentile, untilMs: nowMs + holdMs, ms: timeOf(reads, percentile / 100, minReads) };
    }
    return known.ms;
  };
  return {
    get learns() {
      return rules()?.percentile !== undefined;
    },
    next() {
      const { percentile, afterMs } = rules() ?? {};
      if (percentile === undefined) return afterMs;
      const ms = usual(percentile);
      return ms === undefined ? undefined : Math.max(ms, afterMs ?? defaultLeastMs);
    },
    answered(startedMs) {
      reads?.record(startedMs, false);
    },
  };
}
