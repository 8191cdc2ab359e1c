import { takesCalls, type ServerState } from '@toolyard/orchestrator';
import type { ProfileMode } from '@toolyard/registry';

/** What `/health` answers, and `status` and `up` show. Public: add members, never change them. */
export interface GatewayStatus {
  /**
   * `ok`: every server that is not stopped is healthy. `degraded`: some answer. `down`: none does, though there are some. `starting`: none does yet.
   * `stopping`: it takes no new calls.
   */
  readonly status: 'ok' | 'degraded' | 'down' | 'starting' | 'stopping';
  readonly version: string;
  /** Where clients connect; absent while it serves on stdin and stdout. */
  readonly endpoint?: string;
  readonly servers: readonly ServerStatus[];
  /** Absent where none are configured. */
  readonly profiles?: readonly ProfileStatus[];
}

export interface ProfileStatus {
  readonly name: string;
  /** Where its clients connect; absent while the gateway serves on stdin and stdout. */
  readonly endpoint?: string;
  /** How it lists its tools. */
  readonly mode: ProfileMode;
  /** Tools that it shows now, listed or found. */
  readonly tools: number;
}

export interface ServerStatus {
  readonly id: string;
  readonly name?: string;
  /** Those of its definition; absent where there are none. */
  readonly tags?: readonly string[];
  readonly domains?: readonly string[];
  /**
   * `starting` until the first attempt has ended. `degraded`: it takes calls, but not as it should. `unhealthy`: it takes none, and is being reached again.
   * `stopped`: somebody wanted that.
   */
  readonly state: ServerState;
  /** How it is connected (`stdio`, `streamable-http`, …), once it was. */
  readonly wire?: string;
  /** The revision it speaks. */
  readonly revision?: string;
  readonly tools: number;
  readonly prompts: number;
  /** Resources and templates. */
  readonly resources: number;
  /** From the beginning of the first attempt to the first time it was up. */
  readonly readyMs?: number;
  /** Why it is not as it should be, or what of it could not be read. */
  readonly problem?: string;
  /** Until it is tried again. */
  readonly nextAttemptInMs?: number;
  /** What it is busy with. */
  readonly activity?: ServerActivity;
}

export interface ServerActivity {
  /** Those that are connected, and all there are. */
  readonly instancesUp: number;
  readonly instances: number;
  /** Calls that have not ended, without subscriptions, and those that wait for their turn. */
  readonly inFlight: number;
  readonly queued: number;
  /** Times that a process or connection was begun anew, whether or not it came up. */
  readonly restarts: number;
  /** Of the last minute; absent where nothing was called. */
  readonly p95Ms?: number;
}

/** The state of the whole from the states of its servers. */
export function overall(servers: readonly Pick<ServerStatus, 'state'>[], stopping: boolean): GatewayStatus['status'] {
  if (stopping) return 'stopping';
  const wanted = servers.filter(({ state }) => state !== 'stopped');
  if (wanted.every(({ state }) => state === 'healthy')) return 'ok';
  if (wanted.some(({ state }) => takesCalls(state))) return 'degraded';
  return wanted.some(({ state }) => state === 'starting') ? 'starting' : 'down';
}

/** 200 while calls can be answered (`ok`, `degraded`), 503 otherwise. */
export function healthCode(status: GatewayStatus['status']): 200 | 503 {
  return status === 'ok' || status === 'degraded' ? 200 : 503;
}
