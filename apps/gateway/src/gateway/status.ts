import { answers, type ServerState } from '@toolyard/orchestrator';

import type { ProfileMode } from '@toolyard/registry';

import { oneLine, table } from '../cli/table.ts';

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
  /** Tags and domains of the configuration; absent where there are none. */
  readonly tags?: readonly string[];
  /**
   * `starting` until the first attempt has ended. `degraded`: it answers, but not as it should. `unhealthy`: it does not, and is being reached again.
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
  /** Why it is not up, or what of it could not be read. */
  readonly problem?: string;
}

/** The state of the whole from the states of its servers. */
export function overall(servers: readonly Pick<ServerStatus, 'state'>[], stopping: boolean): GatewayStatus['status'] {
  if (stopping) return 'stopping';
  const wanted = servers.filter(({ state }) => state !== 'stopped');
  if (wanted.every(({ state }) => state === 'healthy')) return 'ok';
  if (wanted.some(({ state }) => answers(state))) return 'degraded';
  return wanted.some(({ state }) => state === 'starting') ? 'starting' : 'down';
}

/** 200 while calls can be answered (`ok`, `degraded`), 503 otherwise. */
export function healthCode(status: GatewayStatus['status']): 200 | 503 {
  return status === 'ok' || status === 'degraded' ? 200 : 503;
}

/** For people: the servers, then the profiles where there are any. */
export function renderStatus({ servers, profiles = [] }: Pick<GatewayStatus, 'servers' | 'profiles'>): string {
  if (profiles.length === 0) return renderServers(servers);
  const rows = profiles.map(({ name, mode, tools, endpoint }) => [name, mode, String(tools), endpoint ?? '-']);
  return `${renderServers(servers)}\n\n${table(['profile', 'mode', 'tools', 'endpoint'], rows)}`;
}

/** For people: a row for each server, then what is wrong. */
export function renderServers(servers: readonly ServerStatus[]): string {
  if (servers.length === 0) return 'No servers are configured.';
  const rows = servers.map((server) => [
    server.id,
    server.state,
    server.wire ?? '-',
    server.revision ?? '-',
    server.state === 'starting' ? '-' : String(server.tools),
    server.state === 'starting' ? '-' : String(server.prompts),
    server.state === 'starting' ? '-' : String(server.resources),
    server.readyMs === undefined ? '-' : `${Math.round(server.readyMs)} ms`,
  ]);
  const problems = servers.flatMap(({ id, problem }) =>
    problem === undefined ? [] : [`  ${id}: ${oneLine(problem, 300)}`],
  );
  const grid = table(['server', 'state', 'connected by', 'era', 'tools', 'prompts', 'resources', 'ready in'], rows);
  return problems.length === 0 ? grid : `${grid}\n\nNot as it should be:\n${problems.join('\n')}`;
}
