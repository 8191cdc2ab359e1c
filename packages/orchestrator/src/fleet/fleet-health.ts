import { type OutcomeSummary, summarize } from '../resilience/outcomes.ts';
import type { ServerState } from '../status.ts';
import type { Fleet } from './fleet.ts';

/** Servers by state, and how their calls ended in the last minute. */
export interface FleetHealth extends OutcomeSummary {
  readonly total: number;
  readonly servers: Readonly<Record<ServerState, number>>;
}

export function fleetHealth({ all }: Pick<Fleet, 'all'>): FleetHealth {
  const servers = { starting: 0, healthy: 0, degraded: 0, unhealthy: 0, stopped: 0 };
  for (const { state } of all) servers[state]++;
  return { total: all.length, servers, ...summarize(all.flatMap(({ windows }) => windows)) };
}
