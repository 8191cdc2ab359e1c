import type { ErrorCode, Peer } from '@toolyard/protocol';
import type { LeftOut } from './catalogue/entry.ts';
import type { Kind } from './catalogue/kinds.ts';
import type { OutcomeSummary } from './resilience/outcomes.ts';

/**
 * - `starting`: being reached for the first time, or waiting for its turn.
 * - `healthy`: answers calls.
 * - `degraded`: answers calls, but not as it should: some of its instances are not up, or a list of it could not be fetched.
 * - `unhealthy`: could not be reached, or went away; it is tried again, unless `nextAttemptInMs` is missing.
 * - `stopped`: it has no instances, as somebody wanted, or the orchestrator was closed.
 */
export type ServerState = 'starting' | 'healthy' | 'degraded' | 'unhealthy' | 'stopped';

/** Whether calls are answered in this state. */
export function answers(state: ServerState): boolean {
  return state === 'healthy' || state === 'degraded';
}

/** How a server is doing, for people and dashboards. Holds no credentials, and no text that a server wrote but its own names. */
export interface ServerStatus {
  readonly id: string;
  readonly name: string | undefined;
  readonly state: ServerState;
  /** How it is, or was last, connected. */
  readonly peer: Peer | undefined;
  /** What it offers, or offered before it went down. */
  readonly counts: Readonly<Record<Kind, number>>;
  /** From the start to the first time it was up. */
  readonly timeToReadyMs: number | undefined;
  /** In the order in which they were made; those that finish their calls come last. */
  readonly instances: readonly InstanceStatus[];
  /** Connections that its instances have made so far. */
  readonly connects: number;
  /** Times that an instance was connected again, those that are gone included. */
  readonly restarts: number;
  /** How its calls ended. */
  readonly lastMinute: OutcomeSummary;
  readonly lastError: Failure | undefined;
  /** While it is down and will be tried again. */
  readonly nextAttemptInMs: number | undefined;
  /** Calls that wait for their turn. */
  readonly queued: number;
  /** Lists that it has and could not be asked for, the last time. */
  readonly failedLists: readonly Kind[];
  /** What it lists and is not offered, with the reasons; the first 100 of each list. */
  readonly leftOut: readonly LeftOut[];
  readonly leftOutCount: number;
}

/** A server is in another state than it was. */
export interface Transition {
  readonly server: string;
  /** `undefined`: it was not there. */
  readonly from: ServerState | undefined;
  /** `undefined`: it is not there any more. */
  readonly to: ServerState | undefined;
  /** Why, for a state that is no good one. */
  readonly reason: Failure | undefined;
}

/** One process or connection of a server. */
export interface InstanceStatus {
  /** From 1; never given twice to instances of one server. */
  readonly number: number;
  /** How its connection is. `draining`: it finishes its calls and takes no new ones. */
  readonly phase: 'starting' | 'up' | 'down' | 'draining' | 'closed';
  /** How it is doing; docs/resilience.md has the rules. */
  readonly state: ServerState;
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly peer: Peer | undefined;
  /** Calls in flight, without subscriptions. */
  readonly inFlight: number;
  /** Calls that it was given so far. */
  readonly calls: number;
  readonly connects: number;
  readonly lastError: Failure | undefined;
  readonly nextAttemptInMs: number | undefined;
}

/** Why a server is not up. The words are ours: what transports and servers say may hold secrets. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}
