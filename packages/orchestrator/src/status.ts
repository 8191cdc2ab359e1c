import type { ErrorCode, Peer } from '@toolyard/protocol';
import type { LeftOut } from './catalogue/entries/entry.ts';
import type { Kind } from './catalogue/kinds.ts';
import type { OutcomeSummary } from './resilience/outcomes.ts';

/**
 * How a server, or one instance of it, is doing; docs/resilience.md has the rules.
 *
 * - `starting`: it is being reached for the first time, or waits for its turn.
 * - `healthy`: it takes calls, and answers them.
 * - `degraded`: it takes calls, but not as it should.
 * - `unhealthy`: it takes no calls. It is tried again, unless it is not connected and `nextAttemptInMs` is missing.
 * - `stopped`: it has no instances, as somebody wanted, or the orchestrator was closed.
 */
export type ServerState = 'starting' | 'healthy' | 'degraded' | 'unhealthy' | 'stopped';

/** Whether calls are taken in this state. */
export function takesCalls(state: ServerState): boolean {
  return state === 'healthy' || state === 'degraded';
}

/** How a server is doing, for people and dashboards. Holds no credentials, and no text that a server wrote but its own names. */
export interface ServerStatus {
  readonly id: string;
  readonly name: string | undefined;
  /** What its definition says of it; the lower priority goes first. */
  readonly priority: number;
  readonly domains: readonly string[];
  readonly capabilities: readonly string[];
  readonly tags: readonly string[];
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
  /**
   * Times that a process or connection was begun anew, whether or not it came up: by an instance after a failed attempt or a loss, or by a new instance that took
   * the place of another (`restart`, another definition, memory and age). Instances that are gone count on; more of them by `scale` are none.
   */
  readonly restarts: number;
  /** Attempts to start or connect it that failed, by code. Instances that are gone count on. */
  readonly failedAttempts: Readonly<Partial<Record<Failure['code'], number>>>;
  /** How its calls ended. */
  readonly lastMinute: OutcomeSummary;
  /** Why it is in a state that is no good one. */
  readonly reason: Failure | undefined;
  /** While it is down and will be tried again. */
  readonly nextAttemptInMs: number | undefined;
  /** Calls that wait for their turn. */
  readonly queued: number;
  /** Lists that it has and could not be asked for, the last time. */
  readonly failedLists: readonly Kind[];
  /** What it lists and is not offered, with the reasons; the first 100 of each list. Collisions with other servers are those of the moment when this is first looked at. */
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
  readonly state: ServerState;
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly peer: Peer | undefined;
  /** Which of the server's URLs it has, where there are several. */
  readonly url: InstanceUrl | undefined;
  /** Calls in flight, without subscriptions. */
  readonly inFlight: number;
  /** Calls that it was given so far. */
  readonly calls: number;
  /** Times that it began to connect, or to be started, so far: the first, and all that came after a failure or a loss. */
  readonly attempts: number;
  /** Those that succeeded. */
  readonly connects: number;
  /** Why it is in a state that is no good one. */
  readonly reason: Failure | undefined;
  readonly nextAttemptInMs: number | undefined;
}

/** Why a server is not as it should be, or did not do what it was asked for. The words are ours: what transports and servers say may hold secrets. */
export interface Failure {
  /** `SLOW`: too many of its calls take too long. `LISTS_FAILED`: it has lists that it could not be asked for. */
  readonly code: ErrorCode | 'SLOW' | 'LISTS_FAILED';
  readonly message: string;
}

/** One of the URLs of a server, without what in it may be secret. */
export interface InstanceUrl {
  /** From 1, in the order of the definition. */
  readonly number: number;
  /** Scheme, host and port. */
  readonly origin: string;
}
