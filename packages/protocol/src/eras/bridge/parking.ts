import { randomBytes } from 'node:crypto';
import type { Call } from '../../call.ts';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Reply } from '../../reply.ts';
import { requestDigest } from './request-digest.ts';
import { stateSeal } from './sealed-state.ts';

export interface ParkingOptions {
  /** Calls that may wait at once; one more is refused, and its server told so. Default 1,000. */
  readonly maxParked?: number;
  /** The same for one principal of one tenant, so that none takes the room of all. Default 100. */
  readonly maxParkedPerPrincipal?: number;
  /** How long a call waits for its caller to come back. Default 300,000. */
  readonly ttlMs?: number;
  /** 32 bytes that seal each `requestState`; whoever knows them can forge one. Nodes that share them can `locate` each other's calls. Default: random. */
  readonly key?: Uint8Array;
  /** What this node is called in states; at most 128 characters. Default: random. */
  readonly node?: string;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly nowMs?: () => number;
  /** Milliseconds since 1970, by which nodes agree on the expiry of a state. Default `Date.now`. */
  readonly dateMs?: () => number;
}

/** A call that waits while a question of its server is with its caller. */
export interface ParkedCall {
  /** The caller is back. */
  resume(call: Call): Promise<Reply>;
  /** The caller did not come back in time. */
  abandon(): void;
}

/**
 * Calls that wait. The `requestState` of each is sealed, works once, and only for the principal, the tenant, the server, the method and the params it
 * was made for; it tells nobody what is in it (spec: basic/patterns/mrtr). Bounded in number and time; holds no timer while it is empty.
 */
export interface Parking {
  readonly size: number;
  /** What this node is called in states. */
  readonly node: string;
  /** The `requestState`; `undefined` when full. */
  park(call: Call, upstream: string, parked: ParkedCall): string | undefined;
  /**
   * Takes a call out again. Throws `STATE_INVALID` for a state that was altered, used, has expired, or is of another caller, server or call, without telling
   * which; and, as a reason of its own, for one of this very call that waits at another node, or waited there before it was started anew.
   */
  take(call: Call, upstream: string, state: string): ParkedCall;
  /** The node where a call waits, for whoever passes retries on to it; `undefined` where `take` would refuse the state on every node. */
  locate(call: Call, upstream: string, state: string): string | undefined;
  /** Forgets a call without a word to it. */
  forget(parked: ParkedCall): void;
}

interface Place {
  readonly id: string;
  readonly parked: ParkedCall;
  readonly owner: string;
  readonly expiresMs: number;
}

const idBytes = 12;
const maxNodeLength = 128;
const nowhere = 'unknown, used, expired, or made for another request';
/** Told only to whom the state was given. */
const elsewhere =
  'that of a call that waits at another node, or was lost when its node restarted: call again without it';

/** Makes an empty parking. Throws a `RangeError` for a key or node name of the wrong length. */
export function createParking(options: ParkingOptions = {}): Parking {
  const {
    maxParked = 1_000,
    maxParkedPerPrincipal = 100,
    ttlMs = 300_000,
    nowMs = () => performance.now(),
    dateMs = () => Date.now(),
  } = options;
  const node = options.node ?? randomBytes(idBytes).toString('base64url');
  if (node.length > maxNodeLength) throw new RangeError(`The name of a node has ${maxNodeLength} characters at most.`);
  const seal = stateSeal(options.key);
  // In the order of expiry, since all live equally long.
  const places = new Map<string, Place>();
  const perOwner = new Map<string, number>();
  const byCall = new Map<ParkedCall, Place>();
  let timer: NodeJS.Timeout | undefined;

  return {
    node,
    get size() {
      return places.size;
    },
    park(call, upstream, parked) {
      sweep();
      const owner = JSON.stringify([call.caller.tenant, call.caller.principal]);
      const owned = perOwner.get(owner) ?? 0;
      if (places.size >= maxParked || owned >= maxParkedPerPrincipal) return undefined;
      const place: Place = {
        id: randomBytes(idBytes).toString('base64url'),
        parked,
        owner,
        expiresMs: nowMs() + ttlMs,
      };
      places.set(place.id, place);
      byCall.set(parked, place);
      perOwner.set(owner, owned + 1);
      arm();
      return seal.seal({ node, id: place.id, expiresMs: dateMs() + ttlMs }, requestDigest(call, upstream));
    },
    take(call, upstream, state) {
      sweep();
      const claims = opened(call, upstream, state);
      const place = claims?.node === node ? places.get(claims.id) : undefined;
      if (place === undefined) throw invalid(claims === undefined || claims.node === node ? nowhere : elsewhere);
      leave(place);
      if (places.size === 0) disarm();
      return place.parked;
    },
    locate: (call, upstream, state) => opened(call, upstream, state)?.node,
    forget(parked) {
      const place = byCall.get(parked);
      if (place !== undefined) leave(place);
      if (places.size === 0) disarm();
    },
  };

  function opened(call: Call, upstream: string, state: string): ReturnType<typeof seal.open> {
    const claims = seal.open(state, requestDigest(call, upstream));
    if (claims === undefined) return undefined;
    // A place of our own knows how long it lives by a clock that nobody sets; of others there is the date only.
    return (claims.node === node ? places.has(claims.id) : claims.expiresMs > dateMs()) ? claims : undefined;
  }

  function leave({ id, owner, parked }: Place): void {
    places.delete(id);
    byCall.delete(parked);
    const left = (perOwner.get(owner) ?? 1) - 1;
    if (left === 0) perOwner.delete(owner);
    else perOwner.set(owner, left);
  }

  function sweep(): void {
    for (const place of places.values()) {
      if (place.expiresMs > nowMs()) break;
      leave(place);
      place.parked.abandon();
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

function invalid(reason: string): ToolyardError<'STATE_INVALID'> {
  return new ToolyardError('STATE_INVALID', { reason }, `The requestState is ${reason}.`);
}
