import type { Ledger } from '../ledger.ts';
import type { Callers } from '../load/caller.ts';
import type { Door } from '../load/door.ts';
import type { Random } from '../random.ts';
import type { UpstreamSpec } from '../upstreams.ts';
import type { MemorySample } from '../watch/memory.ts';

export interface YardOptions {
  readonly ledger: Ledger;
  readonly random: Random;
  /** For all that is started: `CHAOS_CALM` names a file in a folder of this run. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly pace: Pace;
  /** Sockets to one server, and calls on one connection. */
  readonly breadth: number;
  /** How many clients each front door has. */
  readonly clients: number;
}

/** What the gateway is told about time and servers. */
export interface Pace {
  readonly timeoutMs: number;
  readonly maxTimeoutMs: number;
  readonly connectTimeoutMs?: number;
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
  /** Where these are not told, they are those of the gateway. */
  readonly listTimeoutMs?: number;
  readonly probeIntervalMs?: number;
  readonly calls: {
    readonly idempotent?: readonly string[];
    readonly maxConcurrent?: number;
    readonly maxQueue?: number;
  };
  readonly instances?: { readonly min: number; readonly max: number };
}

/** Doors of one kind, and how many callers go through them. */
export interface DoorGroup {
  readonly kind: string;
  readonly doors: readonly Door[];
  readonly callers: number;
  /** Whom they call. Default: all servers. */
  readonly servers?: readonly UpstreamSpec[];
  /** These servers are not always there, so that calls of them may fail at any time. */
  readonly comesAndGoes?: true;
}

export interface ServerLook {
  readonly id: string;
  readonly healthy: boolean;
  readonly words: string;
}

/** Something that befalls the whole beside the calls. */
export interface Mischief {
  readonly kind: string;
  /** No call may fail of it. */
  readonly harmless: boolean;
  /** `server` is one of the servers. Resolves when it is over. */
  act(server: string, random: Random): Promise<unknown> | void;
}

/** A gateway over servers that can go wrong, with clients at each of its doors. */
export interface Yard extends AsyncDisposable {
  readonly groups: readonly DoorGroup[];
  readonly mischief: readonly Mischief[];
  servers(): Promise<readonly ServerLook[]>;
  /** Calls that the gateway's servers work on. */
  inFlight(): Promise<number>;
  /** Times that servers were connected. */
  connects(): Promise<number>;
  /** Processes of one server, those that the gateway started included. */
  pidsOf(server: string): readonly number[];
  memory(): Promise<MemorySample>;
  /** How late the gateway is, where that is another process. */
  lagMs?(): number;
  /** Why the cache is not as it should be; `undefined` where it is. */
  cacheTrouble(): string | undefined;
  /** Looks from outside, once all is well, and ends what it can with calls under way. */
  finish?(parts: { readonly callers: Callers; readonly random: Random; readonly ledger: Ledger }): Promise<void>;
}

export type OpenYard = (options: YardOptions) => Promise<Yard>;
