import { randomBytes } from 'node:crypto';
import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Reply } from '../../reply.ts';

export interface ParkingOptions {
  /** Calls that may wait at once; one more is refused, and its server told so. Default 1,000. */
  readonly maxParked?: number;
  /** How long a call waits for its caller to come back. Default 300,000. */
  readonly ttlMs?: number;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly nowMs?: () => number;
}

/** A call that waits while a question of its server is with its caller. */
export interface ParkedCall {
  /** The caller is back. */
  resume(call: Call): Promise<Reply>;
  /** The caller did not come back in time. */
  abandon(): void;
}

/**
 * Calls that wait, each under a `requestState` that nobody can guess, that works once, and only for the caller, the method and the
 * name it was made for (spec: basic/patterns/mrtr). Bounded in number and time; holds no timer while it is empty.
 */
export interface Parking {
  readonly size: number;
  /** The `requestState`; `undefined` when full. */
  park(call: Call, parked: ParkedCall): string | undefined;
  /** Takes a call out again. Throws `STATE_INVALID` for a state that is unknown, used, expired, or of another caller or call. */
  take(call: Call, state: string): ParkedCall;
  /** Forgets a call without a word to it. */
  forget(state: string): void;
}

interface Place {
  readonly parked: ParkedCall;
  readonly owner: string;
  readonly expiresMs: number;
}

/** Makes an empty parking. */
export function createParking(options: ParkingOptions = {}): Parking {
  const { maxParked = 1_000, ttlMs = 300_000, nowMs = () => performance.now() } = options;
  // In the order of expiry, since all live equally long.
  const places = new Map<string, Place>();
  let timer: NodeJS.Timeout | undefined;

  return {
    get size() {
      return places.size;
    },
    park(call, parked) {
      sweep();
      if (places.size >= maxParked) return undefined;
      const state = randomBytes(32).toString('base64url');
      places.set(state, { parked, owner: ownerOf(call), expiresMs: nowMs() + ttlMs });
      arm();
      return state;
    },
    take(call, state) {
      sweep();
      const place = places.get(state);
      if (place === undefined || place.owner !== ownerOf(call)) {
        const reason = 'unknown, used, expired, or made for another request';
        throw new ToolyardError('STATE_INVALID', { reason }, `The requestState is ${reason}.`);
      }
      forget(state);
      return place.parked;
    },
    forget,
  };

  function forget(state: string): void {
    places.delete(state);
    if (places.size === 0) disarm();
  }

  function sweep(): void {
    for (const [state, { parked, expiresMs }] of places) {
      if (expiresMs > nowMs()) break;
      places.delete(state);
      parked.abandon();
    }
    if (places.size === 0) disarm();
  }

  function arm(): void {
    const [oldest] = places.values();
    if (timer !== undefined || oldest === undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        sweep();
        arm();
      },
      Math.max(Math.ceil(oldest.expiresMs - nowMs()), 1),
    );
    timer.unref();
  }

  function disarm(): void {
    clearTimeout(timer);
    timer = undefined;
  }
}

function ownerOf({ caller, method, params }: Call): string {
  return JSON.stringify([caller.tenant, caller.principal, method, params.string('name') ?? params.string('uri')]);
}
