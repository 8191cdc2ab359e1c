import type { CacheStats } from '@toolyard/protocol';
import { byPrecedence } from '@toolyard/registry';
import { checkName, checkParams } from '../checking/check-params.ts';
import { aBoolean, type Shape } from '../checking/shape.ts';
import type { Server } from '../fleet/server/server.ts';
import type { ServerEntry } from '../server-entry.ts';
import { type ServerStatus, takesCalls } from '../status.ts';
import type { GatheringOptions, GatherOptions } from './asking.ts';
import type { FleetStatus } from './fleet-status.ts';
import { fleetStatus } from './fleet-status.ts';
import type { GatherAllOptions, GatheredResources } from './gather-all-resources.ts';
import { gatherAllResources } from './gather-all-resources.ts';
import type { DomainResources } from './resources-for-domain.ts';
import { resourcesForDomain } from './resources-for-domain.ts';

export interface FindServersOptions {
  /** Only those that take calls now, being `healthy` or `degraded`. Default `false`: connected or not. */
  readonly connected?: boolean;
}

/** Finds servers by what their definitions say, and asks many of them at once. What is no name, or no option, is `INVALID_PARAMS`. Precedence: the lower number of `priority` first, then the id. */
export interface ServerQueries {
  /** The first by precedence of those that have this capability. */
  serverByCapability(capability: string, options?: FindServersOptions): ServerStatus | undefined;
  /** By precedence. */
  serversByDomain(domain: string, options?: FindServersOptions): readonly ServerStatus[];
  /** By precedence. */
  serversByTag(tag: string, options?: FindServersOptions): readonly ServerStatus[];
  /**
   * What the first server of a domain lists as resources, all pages, asked for through its `middleware`: the first by precedence of the healthy ones, then of the others that are connected. One that
   * fails, hangs or offers no resources is passed over. Rejects with `DOMAIN_UNSERVED` where none is left, with `CANCELLED`, `CLOSED`, or `INVALID_PARAMS`.
   */
  resourcesForDomain(domain: string, options?: GatherOptions): Promise<DomainResources>;
  /**
   * Asks all servers for their resources at the same time: one entry for each server that is deployed, by precedence, with what it lists or why it is missing.
   * Rejects with `GATHER_FAILED` if it is to fail fast, naming the first that failed; the others are cancelled. Otherwise as `resourcesForDomain`.
   */
  gatherAllResources(options?: GatherAllOptions): Promise<readonly GatheredResources[]>;
  /** How all is, in the shape of the older format. `servers()` says more. */
  status(): FleetStatus;
}

export interface ServerQueriesOptions extends GatheringOptions {
  readonly statusOf: (server: Server) => ServerStatus;
  readonly cacheStatistics: (() => CacheStats) | undefined;
}

const findShape: Shape<FindServersOptions> = { connected: aBoolean };

const named = {
  domain: ({ domains }: ServerEntry) => domains,
  capability: ({ capabilities }: ServerEntry) => capabilities,
  tag: ({ tags }: ServerEntry) => tags,
};

export function serverQueries(options: ServerQueriesOptions): ServerQueries {
  const { fleet, statusOf } = options;
  const find = (
    what: 'domain' | 'capability' | 'tag',
    name: string,
    given: FindServersOptions = {},
  ): readonly Server[] => {
    checkName(what, name);
    checkParams('What was asked for', given, findShape);
    const { connected = false } = given;
    return fleet.all
      .filter((server) => (!connected || takesCalls(server.state)) && named[what](server.entry)?.includes(name))
      .toSorted(byPrecedence);
  };
  return {
    serverByCapability(capability, given) {
      const [first] = find('capability', capability, given);
      return first === undefined ? undefined : statusOf(first);
    },
    serversByDomain: (domain, given) => find('domain', domain, given).map(statusOf),
    serversByTag: (tag, given) => find('tag', tag, given).map(statusOf),
    resourcesForDomain: (domain, given = {}) => resourcesForDomain(domain, given, options),
    gatherAllResources: (given = {}) => gatherAllResources(given, options),
    status: () => fleetStatus(fleet, options.cacheStatistics),
  };
}
