import {
  type Failure,
  type InstanceStatus,
  type Orchestrator,
  type ServerState,
  takesCalls,
} from '@toolyard/orchestrator';

import { printable } from '../cli/table.ts';
import { whenGone } from '../upstreams/when-gone.ts';
import { boundLines, type LineBound } from './bound-lines.ts';
import type { Logger } from './logger.ts';

/** Of one server in a minute; what is more is told at `debug`. */
const maxLines = 20;

/**
 * Tells when servers and their instances come up, go down or are not as they should be, and have instances replaced. `words`: more about why one is down than
 * callers may know.
 */
export function logFleet(
  orchestrator: Pick<Orchestrator, 'events' | 'servers'>,
  log: Logger,
  words: (server: string) => string | undefined,
): void {
  const { events } = orchestrator;
  const known = new Map<string, Known>();
  whenGone(orchestrator, (id) => known.delete(id));
  const knownOf = (id: string): Known => {
    const found = known.get(id) ?? { state: undefined, instances: new Map(), bound: boundLines(maxLines) };
    known.set(id, found);
    return found;
  };
  const tell = (level: 'info' | 'warn' | 'debug', server: string, facts: object, text: string): void => {
    if (level === 'debug') return log.debug({ server, ...facts }, text);
    const { may, isLast } = knownOf(server).bound.next();
    log[may ? level : 'debug']({ server, ...facts }, text);
    if (isLast)
      log.warn({ server }, `${server} changes often: what else becomes of it in this minute is told at debug`);
  };
  const why = (server: string, reason: Failure | undefined, isLost: boolean): string =>
    printable((isLost ? words(server) : undefined) ?? reason?.message ?? 'it does not say why');

  events.recycle.listen(({ server, instance, why: rule }) =>
    tell(
      'info',
      server,
      { instance, why: rule },
      `${server}: instance ${instance} ${rule === 'idle' ? 'is not needed any more' : `is replaced (${rule})`}`,
    ),
  );
  events.server.listen(({ id, state, peer, counts, reason, instances }) => {
    const before = knownOf(id);
    const from = before.state;
    // A breaker that lets one call try is no news: how that ends is.
    if (state === 'degraded' && from === 'unhealthy' && !instances.some((one) => one.state === 'healthy')) return;
    before.state = state;
    const isNews = from !== state;
    const code = reason?.code;
    const isLost = instances.some(({ phase }) => phase === 'down');
    if (isNews && takesCalls(state) && (from === undefined || !takesCalls(from)))
      tell('info', id, { wire: peer?.wire, revision: peer?.revision, tools: counts.tools }, `${id} is up`);
    if (state === 'healthy' && from === 'degraded') tell('info', id, {}, `${id} is healthy again`);
    if (isNews && state === 'degraded') tell('warn', id, { code }, `${id} is degraded: ${why(id, reason, false)}`);
    if (state === 'unhealthy')
      tell(isNews ? 'warn' : 'debug', id, { code }, `${id} is down: ${why(id, reason, isLost)}`);
    before.instances = tellInstances(before.instances, instances, (level, instance, text) => {
      const { number, phase, reason } = instance;
      const facts = { instance: number, ...(reason && { code: reason.code }) };
      const because = reason === undefined ? '' : `: ${why(id, reason, phase === 'down')}`;
      tell(level, id, facts, `${id}: instance ${number} ${text}${because}`);
    });
  });
}

interface Known {
  state: ServerState | undefined;
  /** States by number. */
  instances: ReadonlyMap<number, ServerState>;
  readonly bound: LineBound;
}

/** Where there are several, each is told of; the only one is its server. Returns the states that are known now. */
function tellInstances(
  before: ReadonlyMap<number, ServerState>,
  all: readonly InstanceStatus[],
  tell: (level: 'info' | 'warn', instance: InstanceStatus, text: string) => void,
): ReadonlyMap<number, ServerState> {
  const instances = all.filter(({ state }) => state !== 'stopped');
  const known = new Map<number, ServerState>();
  if (instances.length < 2) return new Map(instances.map(({ number, state }) => [number, state]));
  for (const instance of instances) {
    const { number, state } = instance;
    const from = before.get(number);
    const isTried = from === 'unhealthy' && state === 'degraded';
    known.set(number, isTried ? from : state);
    if (from === state || isTried) continue;
    if (state === 'unhealthy') tell('warn', instance, 'is down');
    if (state === 'degraded') tell('warn', instance, 'is degraded');
    if (state === 'healthy' && (from === 'unhealthy' || from === 'degraded'))
      tell('info', instance, 'is healthy again');
  }
  return known;
}
