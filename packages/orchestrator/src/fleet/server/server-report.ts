import { perKind } from '../../catalogue/kinds.ts';
import { readThresholds } from '../../resilience/health-rule.ts';
import { summarize } from '../../resilience/outcomes.ts';
import type { ServerEntry } from '../../server-entry.ts';
import type { ServerStatus } from '../../status.ts';
import { type Condition, serverCondition } from './condition.ts';
import type { Instances } from '../instances/instances.ts';
import type { Members } from './members.ts';

/** What a server's condition and status are read from. */
export interface ReportParts {
  readonly entry: ServerEntry;
  readonly instances: Pick<Instances, 'current' | 'successors' | 'makingRoom' | 'restarts' | 'status'>;
  readonly members: Pick<Members, 'offer' | 'peer' | 'timeToReadyMs'>;
  /** Instances that there should be. */
  readonly wanted: number;
  readonly closed: boolean;
  readonly failedAttempts: ServerStatus['failedAttempts'];
  /** Calls that wait. */
  readonly queued: number;
}

export function conditionOf({
  entry,
  instances,
  members,
  wanted,
  closed,
}: Omit<ReportParts, 'queued' | 'failedAttempts'>): Condition {
  const { current, successors, makingRoom } = instances;
  const facts = {
    stopped: closed,
    // While new ones are started in the place of old ones, as many as there were is enough.
    wanted: makingRoom || current.length === 0 ? wanted : Math.min(wanted, current.length),
    instances: [...current, ...successors],
    failedLists: members.offer?.failed ?? [],
  };
  return serverCondition(facts, readThresholds(entry.health));
}

export function reportOf(parts: ReportParts): Omit<ServerStatus, 'leftOut' | 'leftOutCount'> {
  const { entry, members, queued, failedAttempts } = parts;
  const instances = parts.instances.status();
  const { state, reason } = conditionOf(parts);
  const attempts = instances.flatMap(({ nextAttemptInMs }) => nextAttemptInMs ?? []);
  return {
    id: entry.id,
    name: entry.name,
    priority: entry.priority ?? 0,
    domains: entry.domains ?? [],
    capabilities: entry.capabilities ?? [],
    tags: entry.tags ?? [],
    state,
    peer: members.peer,
    counts: perKind((kind) => members.offer?.lists[kind]?.entries.length ?? 0),
    instances,
    timeToReadyMs: members.timeToReadyMs,
    reason,
    connects: instances.reduce((sum, { connects }) => sum + connects, 0),
    restarts: parts.instances.restarts,
    failedAttempts,
    lastMinute: summarize(parts.instances.current.map(({ outcomes }) => outcomes)),
    nextAttemptInMs: attempts.length === 0 ? undefined : Math.min(...attempts),
    queued,
    failedLists: members.offer?.failed ?? [],
  };
}
