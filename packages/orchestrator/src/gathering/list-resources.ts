import type { RawObject } from '@toolyard/protocol';
import type { LeftOut } from '../catalogue/entries/entry.ts';
import { describeFailure } from '../fleet/failure.ts';
import { fetchLists } from '../fleet/offer/fetch-offer.ts';
import type { Server } from '../fleet/server/server.ts';
import { type Failure, takesCalls } from '../status.ts';
import type { Asking } from './asking.ts';

/** What a server lists at this moment. */
export interface ListedResources {
  /** The definitions, byte for byte as the server wrote them. */
  readonly resources: readonly RawObject[];
  /** What it lists and is not among them, with the reasons; the first 100. */
  readonly leftOut: readonly LeftOut[];
  readonly leftOutCount: number;
}

/** `none`: it offers no resources. */
export type ResourcesOutcome = 'ok' | 'none' | Failure;

export interface Listing extends ListedResources {
  readonly outcome: ResourcesOutcome;
}

/** A listing that holds nothing. */
export function emptyListing(outcome: ResourcesOutcome): Listing {
  return { outcome, resources: [], leftOut: [], leftOutCount: 0 };
}

/** What is known without asking the server. `undefined`: it has to be asked. */
export function knownListing(server: Server): Listing | undefined {
  if (!server.up) return emptyListing(absence(server) ?? unreachable('It is not connected.'));
  return server.offer?.discovery.capabilities.has('resources') === false ? emptyListing('none') : undefined;
}

/** Asks a server for all pages of its resources, within `timeoutMs`. Rejects only where nobody wants to know any more. */
export async function listResources(server: Server, asking: Asking, timeoutMs: number): Promise<Listing> {
  const { lists, failed } = await fetchLists(['resources'], {
    upstream: server.id,
    service: server.service,
    caller: asking.caller,
    timeoutMs,
    signal: asking.signal,
    limits: asking.limits,
    nameOf: (_, key) => key,
    now: asking.now,
  });
  asking.throwIfOver();
  const list = lists.get('resources');
  if (list !== undefined) {
    const { leftOut, leftOutCount } = list;
    return { outcome: 'ok', resources: list.entries.map(({ definition }) => definition), leftOut, leftOutCount };
  }
  const error = failed.get('resources');
  return emptyListing(error === undefined ? 'none' : describeFailure(error));
}

/** Why a server takes no calls; `undefined` where it does. */
export function absence({ condition: { state, reason } }: Pick<Server, 'condition'>): Failure | undefined {
  if (takesCalls(state)) return undefined;
  if (state === 'stopped') return unreachable('It is stopped.');
  return state === 'starting'
    ? unreachable('It is not connected yet.')
    : (reason ?? unreachable('It cannot be reached.'));
}

function unreachable(message: string): Failure {
  return { code: 'UPSTREAM_UNREACHABLE', message };
}
