import type { Caller } from '@toolyard/protocol';
import { millisecondsFrom, ToolyardError } from '@toolyard/protocol';
import { aCaller } from '../checking/check-call.ts';
import { aSignal } from '../checking/check-params.ts';
import { numberBy, type Shape } from '../checking/shape.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { cancelled } from '../resilience/cancelled.ts';
import type { Settings } from '../settings.ts';
import { callerFor } from '../fleet/offer/own-calls.ts';

/** How servers are asked for what they have. */
export interface GatherOptions {
  /** Bound on everything together, however many servers are asked. Default 30,000; from 1 to 86,400,000. */
  readonly timeoutMs?: number;
  /** Default: nobody cancels. */
  readonly signal?: AbortSignal;
  /** In whose name servers are asked. What is left out is the orchestrator's own. */
  readonly caller?: Partial<Caller>;
}

export interface GatheringOptions {
  readonly fleet: Fleet;
  readonly caller: Caller;
  readonly settings: Pick<Settings, 'limits' | 'now'>;
  readonly closing: AbortSignal;
}

/** One question to many servers, with one deadline. */
export interface Asking extends Pick<Settings, 'limits' | 'now'> {
  readonly caller: Caller;
  /** Aborts when nobody wants to know any more, but not at the deadline. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  remainingMs(): number;
  /** Throws `CLOSED` or `CANCELLED`. */
  throwIfOver(): void;
}

/** What `GatherOptions` must be. */
export const gatherShape: Shape<GatherOptions> = {
  timeoutMs: numberBy(millisecondsFrom(1, { max: 86_400_000 })),
  signal: aSignal,
  caller: aCaller,
};

/** Throws `CLOSED` or `CANCELLED` where nobody wants to know any more. */
export function beginAsking(
  { timeoutMs = 30_000, signal, caller }: GatherOptions,
  { settings: { limits, now }, closing, ...options }: GatheringOptions,
): Asking {
  const endMs = now() + timeoutMs;
  const asking: Asking = {
    limits,
    now,
    timeoutMs,
    caller: callerFor(caller, options.caller),
    signal: signal === undefined ? closing : AbortSignal.any([closing, signal]),
    remainingMs: () => Math.max(0, endMs - now()),
    throwIfOver() {
      if (closing.aborted) throw new ToolyardError('CLOSED', { what: 'orchestrator' }, 'The orchestrator is closed.');
      if (signal?.aborted === true) throw cancelled(signal);
    },
  };
  asking.throwIfOver();
  return asking;
}
