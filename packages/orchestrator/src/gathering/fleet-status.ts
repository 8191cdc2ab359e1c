import type { CacheStats } from '@toolyard/protocol';
import type { Fleet } from '../fleet/fleet.ts';
import type { Server } from '../fleet/server/server.ts';
import { absence } from './list-resources.ts';

/** The shape in which programs for the older format ask how all is. */
export interface FleetStatus {
  /** By id. */
  readonly servers: Readonly<Record<string, BriefStatus>>;
  /** `null` where answers are not cached, and where `cacheStatistics` throws. */
  readonly cache: CacheStats | null;
}

export interface BriefStatus {
  /** Whether it takes calls: it is `healthy` or `degraded`. */
  readonly connected: boolean;
  readonly priority: number;
  readonly domains: readonly string[];
  /** Why it takes none, in words that may be shown. */
  readonly error?: string;
}

export function fleetStatus({ all }: Fleet, cacheStatistics: (() => CacheStats) | undefined): FleetStatus {
  return {
    servers: Object.fromEntries(all.map((server) => [server.id, briefly(server)])),
    cache: told(cacheStatistics),
  };
}

/** How all is must be told even where one part of it cannot. */
function told(cacheStatistics: (() => CacheStats) | undefined): CacheStats | null {
  try {
    return cacheStatistics?.() ?? null;
  } catch {
    return null;
  }
}

function briefly(server: Server): BriefStatus {
  const { priority, entry } = server;
  const { domains = [] } = entry;
  const error = absence(server)?.message;
  return { connected: error === undefined, priority, domains, ...(error !== undefined && { error }) };
}
