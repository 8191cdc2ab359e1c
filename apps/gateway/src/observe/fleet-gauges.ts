import type { Orchestrator, ServerState } from '@toolyard/orchestrator';
import type { CacheStats } from '@toolyard/protocol';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What is looked at the moment it is asked for. */
export interface Observed {
  readonly fleet: Pick<Orchestrator, 'servers'>;
  /** Default: answers are not cached. */
  readonly cache?: () => CacheStats;
}

const states: readonly ServerState[] = ['starting', 'healthy', 'degraded', 'unhealthy', 'stopped'];
const breakers = ['closed', 'open', 'half-open'] as const;

/** How the servers and the cache are doing. The returned function writes it down anew. */
export function createFleetGauges(registry: Registry): (observed: Observed) => void {
  const registers = [registry];
  const state = new Gauge({
    name: 'toolyard_server_state',
    help: '1 for the state that a server is in.',
    labelNames: ['server', 'state'],
    registers,
  });
  const inFlight = new Gauge({
    name: 'toolyard_upstream_requests_in_flight',
    help: 'Requests to a server that have not ended, without subscriptions.',
    labelNames: ['server'],
    registers,
  });
  const queued = new Gauge({
    name: 'toolyard_upstream_requests_queued',
    help: 'Requests to a server that wait for their turn.',
    labelNames: ['server'],
    registers,
  });
  const instances = new Gauge({
    name: 'toolyard_server_instances',
    help: 'Instances of a server that are connected.',
    labelNames: ['server'],
    registers,
  });
  const breaker = new Gauge({
    name: 'toolyard_breaker_state',
    help: 'Instances of a server whose breaker is in that state.',
    labelNames: ['server', 'state'],
    registers,
  });
  const restarts = new Counter({
    name: 'toolyard_server_restarts_total',
    help: 'Times that a process or connection of a server was begun anew, whether or not it came up.',
    labelNames: ['server'],
    registers,
  });
  const failed = new Counter({
    name: 'toolyard_server_failed_attempts_total',
    help: 'Attempts to start or connect a server that failed.',
    labelNames: ['server', 'code'],
    registers,
  });
  const ofServers = [state, inFlight, queued, instances, breaker, restarts, failed];
  let writeCache: ((stats: CacheStats) => void) | undefined;

  return ({ fleet, cache }) => {
    // Those of servers that are gone must not stay.
    for (const metric of ofServers) metric.reset();
    for (const { id: server, ...status } of fleet.servers()) {
      for (const name of states) state.set({ server, state: name }, status.state === name ? 1 : 0);
      for (const name of breakers) {
        const count = status.instances.filter((instance) => instance.breaker === name).length;
        breaker.set({ server, state: name }, count);
      }
      inFlight.set({ server }, sum(status.instances.map((instance) => instance.inFlight)));
      queued.set({ server }, status.queued);
      instances.set({ server }, status.instances.filter(({ phase }) => phase === 'up').length);
      restarts.inc({ server }, status.restarts);
      for (const [code, count] of Object.entries(status.failedAttempts)) failed.inc({ server, code }, count);
    }
    if (cache !== undefined) (writeCache ??= createCacheGauges(registry))(cache());
  };
}

function createCacheGauges(registry: Registry): (stats: CacheStats) => void {
  const registers = [registry];
  const reads = new Counter({
    name: 'toolyard_cache_requests_total',
    help: 'Times that an answer was looked for in the cache.',
    labelNames: ['result'],
    registers,
  });
  const evictions = new Counter({
    name: 'toolyard_cache_evictions_total',
    help: 'Answers that had to make room for others.',
    registers,
  });
  const entries = new Gauge({ name: 'toolyard_cache_entries', help: 'Answers in the cache.', registers });
  const bytes = new Gauge({ name: 'toolyard_cache_bytes', help: 'Bytes of the answers in the cache.', registers });
  return ({ hits, misses, ...stats }) => {
    for (const metric of [reads, evictions]) metric.reset();
    reads.inc({ result: 'hit' }, hits);
    reads.inc({ result: 'miss' }, misses);
    evictions.inc(stats.evictions);
    for (const [gauge, value] of [
      [entries, stats.entries],
      [bytes, stats.bytes],
    ] as const) {
      if (value === undefined) gauge.remove();
      else gauge.set(value);
    }
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
