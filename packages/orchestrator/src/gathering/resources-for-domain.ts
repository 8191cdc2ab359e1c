import { ToolyardError } from '@toolyard/protocol';
import { byPrecedence } from '@toolyard/registry';
import { checkName, checkParams } from '../checking/check-params.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Server } from '../fleet/server/server.ts';
import type { Failure } from '../status.ts';
import type { GatheringOptions, GatherOptions } from './asking.ts';
import { beginAsking, gatherShape } from './asking.ts';
import type { ListedResources } from './list-resources.ts';
import { knownListing, listResources } from './list-resources.ts';

/** What the first server of a domain that could lists. */
export interface DomainResources extends ListedResources {
  readonly server: string;
  readonly priority: number;
  /** Who would have gone first, or was asked first, and why it is not the one, by precedence. */
  readonly passedOver: readonly { readonly server: string; readonly failure: Failure }[];
}

/** A server that hangs keeps at least this part of what is left of the time from those after it. */
const leastShare = 4;
const maxTold = 100;

/**
 * Asks the servers of a domain one after the other: the healthy ones by precedence, then the degraded, then what else is connected. Each has an equal share of the time that is left, but a
 * quarter at least: who fails at once leaves its share to the rest, who hangs cannot use up everything, and of many the first still have time enough to be slow. The
 * last has all that is left.
 */
export async function resourcesForDomain(
  domain: string,
  given: GatherOptions,
  options: GatheringOptions,
): Promise<DomainResources> {
  checkName('domain', domain);
  checkParams('What was asked for', given, gatherShape);
  const asking = beginAsking(given, options);
  const members = options.fleet.all.filter(({ entry }) => entry.domains?.includes(domain)).toSorted(byPrecedence);
  const failures = new Map<Server, Failure>();
  const asked = new Set<Server>();
  const candidates: Server[] = [];
  for (const server of members) {
    const known = knownListing(server);
    if (known === undefined) candidates.push(server);
    else failures.set(server, failureOf(known.outcome));
  }
  candidates.sort((a, b) => rank(a) - rank(b) || byPrecedence(a, b));
  for (const [at, server] of candidates.entries()) {
    const shareMs = asking.remainingMs() / Math.min(candidates.length - at, leastShare);
    const { outcome, ...listed } = await listResources(server, asking, shareMs);
    if (outcome === 'ok') {
      const goesFirst = (other: Server): boolean => asked.has(other) || byPrecedence(other, server) < 0;
      const passedOver = told(members, failures).filter((one) => goesFirst(one.member));
      return {
        server: server.id,
        priority: server.priority,
        ...listed,
        passedOver: passedOver.map(({ member, failure }) => ({ server: member.id, failure })),
      };
    }
    asked.add(server);
    failures.set(server, failureOf(outcome));
  }
  throw unserved(domain, told(members, failures), options.fleet);
}

/** One that is connected and unhealthy may have recovered: better asked late than not at all. */
function rank({ state }: Server): number {
  if (state === 'healthy') return 0;
  return state === 'degraded' ? 1 : 2;
}

interface Passed {
  readonly member: Server;
  readonly failure: Failure;
}

function told(members: readonly Server[], failures: ReadonlyMap<Server, Failure>): readonly Passed[] {
  return members.flatMap((member): readonly Passed[] => {
    const failure = failures.get(member);
    return failure === undefined ? [] : [{ member, failure }];
  });
}

function failureOf(outcome: 'ok' | 'none' | Failure): Failure {
  return typeof outcome === 'string' ? { code: 'METHOD_UNKNOWN', message: 'It offers no resources.' } : outcome;
}

function unserved(domain: string, passed: readonly Passed[], { all }: Fleet): ToolyardError<'DOMAIN_UNSERVED'> {
  const shown = domain.slice(0, 64);
  const known = [...new Set(all.flatMap(({ entry }) => entry.domains ?? []))].toSorted().slice(0, maxTold);
  const tried = passed.slice(0, maxTold).map(({ member, failure }) => ({ server: member.id, code: failure.code }));
  const why = passed.slice(0, 10).map(({ member, failure }) => `${member.id}: ${failure.message}`);
  const there = known.length === 0 ? 'no server names any' : `known are ${known.slice(0, 10).join(', ')}`;
  return new ToolyardError(
    'DOMAIN_UNSERVED',
    { domain: shown, tried, known },
    passed.length === 0
      ? `No server has the domain "${shown}"; ${there}.`
      : `No server of the domain "${shown}" answered. ${why.join(' ')}`,
  );
}
