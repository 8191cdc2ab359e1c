import type { ErrorCode, Peer } from '@toolyard/protocol';
import type { LeftOut } from './catalogue/entry.ts';
import type { Kind } from './catalogue/kinds.ts';

/**
 * - `connecting`: being reached for the first time, or waiting for its turn.
 * - `up`: answers calls.
 * - `down`: could not be reached, or went away; it is tried again, unless `nextAttemptInMs` is missing.
 * - `closed`: the orchestrator was closed.
 */
export type ServerState = 'connecting' | 'up' | 'down' | 'closed';

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
  /** Connections that were made so far. */
  readonly connects: number;
  readonly lastError: Failure | undefined;
  /** While it is down and will be tried again. */
  readonly nextAttemptInMs: number | undefined;
  /** Lists that it has and could not be asked for, the last time. */
  readonly failedLists: readonly Kind[];
  /** What it lists and is not offered, with the reasons; the first 100 of each list. */
  readonly leftOut: readonly LeftOut[];
  readonly leftOutCount: number;
}

/** Why a server is not up. The words are ours: what transports and servers say may hold secrets. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}
