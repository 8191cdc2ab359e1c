import { ToolyardError } from '@toolyard/protocol';
import { byPrecedence } from '@toolyard/registry';
import { checkParams } from '../checking/check-params.ts';
import { aBoolean, type Shape } from '../checking/shape.ts';
import { deadline } from '../waiting/deadline.ts';
import { createLimiter } from '../fleet/limiter.ts';
import type { Server } from '../fleet/server/server.ts';
import { type Failure, takesCalls } from '../status.ts';
import type { Asking, GatheringOptions, GatherOptions } from './asking.ts';
import { beginAsking, gatherShape } from './asking.ts';
import type { Listing } from './list-resources.ts';
import { emptyListing, knownListing, listResources } from './list-resources.ts';

export interface GatherAllOptions extends GatherOptions {
  /** Whether one server that fails is the end: `GATHER_FAILED`. Default `false`. */
  readonly failFast?: boolean;
}

/** One server, and what came of asking it. */
export interface GatheredResources extends Listing {
  readonly server: string;
  readonly priority: number;
  readonly domains: readonly string[];
  readonly capabilities: readonly string[];
  readonly tags: readonly string[];
  /** Whether it takes calls: it is `healthy` or `degraded`. */
  readonly connected: boolean;
}

const gatherAllShape: Shape<GatherAllOptions> = { ...gatherShape, failFast: aBoolean };

const concurrency = 16;
/** One that takes longer goes on beside the limit, so that a few that hang do not keep the rest from being asked. */
const holdMs = 1_000;

/** Asks all servers at the same time, so many at once. */
export async function gatherAllResources(
  asked: GatherAllOptions,
  options: GatheringOptions,
): Promise<readonly GatheredResources[]> {
  checkParams('What was asked for', asked, gatherAllShape);
  const { failFast = false, ...given } = asked;
  const stop = new AbortController();
  const signal = given.signal === undefined ? stop.signal : AbortSignal.any([given.signal, stop.signal]);
  const asking = beginAsking({ ...given, signal }, options);
  using line = waitingLine(asking);
  const gatherOne = async (server: Server): Promise<GatheredResources> => {
    const listing = knownListing(server) ?? (await line.ask(server));
    if (failFast && typeof listing.outcome !== 'string') throw failed(server, listing.outcome);
    return described(server, listing);
  };
  try {
    return await Promise.all(options.fleet.all.toSorted(byPrecedence).map(gatherOne));
  } catch (error) {
    stop.abort(error);
    throw error;
  }
}

interface WaitingLine extends Disposable {
  ask(server: Server): Promise<Listing>;
}

function waitingLine(asking: Asking): WaitingLine {
  const limiter = createLimiter(() => concurrency, holdMs);
  const late = deadline(asking.timeoutMs, asking.signal, () => new Error('late'));
  return {
    async ask(server) {
      const leave = await limiter.enter(late.signal).catch(() => undefined);
      if (leave === undefined) {
        asking.throwIfOver();
        const message = `It was not asked within ${asking.timeoutMs} ms.`;
        return emptyListing({ code: 'UPSTREAM_TIMEOUT', message });
      }
      try {
        return await listResources(server, asking, asking.remainingMs());
      } finally {
        leave();
      }
    },
    [Symbol.dispose]: () => late[Symbol.dispose](),
  };
}

function described({ id, priority, state, entry }: Server, listing: Listing): GatheredResources {
  const { domains = [], capabilities = [], tags = [] } = entry;
  return { server: id, priority, domains, capabilities, tags, connected: takesCalls(state), ...listing };
}

function failed({ id }: Server, { code, message }: Failure): ToolyardError<'GATHER_FAILED'> {
  return new ToolyardError('GATHER_FAILED', { server: id, code }, `The server ${id} did not answer. ${message}`);
}
