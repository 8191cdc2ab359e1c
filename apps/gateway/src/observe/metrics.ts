import type { Orchestrator, ServerState } from '@toolyard/orchestrator';
import { type Middleware, type Reply, ToolyardError } from '@toolyard/protocol';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { knownMethod } from './known-method.ts';

/** What the gateway counts, for Prometheus. Labels are bounded: servers that are deployed, methods of the specification, codes of the error table. */
export interface Metrics {
  /** Around the service of one server. */
  upstream(server: string): Middleware;
  /** Around what clients call. */
  readonly door: Middleware;
  /** A server is gone: so is what was counted of it. */
  forget(server: string): void;
  /** Tokens that a client did not have to read, since tools were searched for. */
  tokensSaved(tokens: number): void;
  /** In the text format, with how the servers are doing at this moment. */
  scrape(fleet: Pick<Orchestrator, 'servers'>): Promise<string>;
  /** Of `scrape`. */
  readonly contentType: string;
}

const states: readonly ServerState[] = ['starting', 'healthy', 'degraded', 'unhealthy', 'stopped'];
/** Seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'toolyard_requests_total',
    help: 'Requests of clients that have ended.',
    labelNames: ['method', 'outcome'],
    registers,
  });
  const open = new Gauge({
    name: 'toolyard_requests_in_flight',
    help: 'Requests of clients that have not ended, open subscriptions among them.',
    registers,
  });
  const calls = new Histogram({
    name: 'toolyard_upstream_request_duration_seconds',
    help: 'Requests to servers that were answered, from the moment they were accepted.',
    labelNames: ['server', 'method'],
    buckets,
    registers,
  });
  const errors = new Counter({
    name: 'toolyard_upstream_errors_total',
    help: 'Requests to servers that failed.',
    labelNames: ['server', 'method', 'code'],
    registers,
  });
  const saved = new Counter({
    name: 'toolyard_tokens_saved_total',
    help: 'Tokens of tool definitions that clients did not have to read, since tools were searched for.',
    registers,
  });
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
  const instances = new Gauge({
    name: 'toolyard_server_instances',
    help: 'Instances of a server that take calls.',
    labelNames: ['server'],
    registers,
  });
  const connects = new Gauge({
    name: 'toolyard_server_connects',
    help: 'Connections that the instances of a server have made, or processes that were started for it.',
    labelNames: ['server'],
    registers,
  });
  const ofServers = [state, inFlight, instances, connects];
  /** By server: what is to be forgotten with it. */
  const counted = new Map<string, Counted>();

  return {
    contentType: registry.contentType,
    door: (next) => async (call) => {
      const method = knownMethod(call.method);
      open.inc();
      try {
        const reply = await next(call);
        requests.inc({ method, outcome: outcomeOf(reply) });
        return reply;
      } catch (error) {
        requests.inc({ method, outcome: codeOf(error) });
        throw error;
      } finally {
        open.dec();
      }
    },
    upstream(server) {
      const known: Counted = counted.get(server) ?? { durations: new Map(), failures: new Map() };
      counted.set(server, known);
      const duration = remembering(known.durations, (method) => calls.labels({ server, method }));
      const failure = remembering(known.failures, (key) => {
        const [method = '', code = ''] = key.split(' ');
        return errors.labels({ server, method, code });
      });
      return (next) => async (call) => {
        if (call.method === 'subscriptions/listen') return next(call);
        const method = knownMethod(call.method);
        const beganMs = performance.now();
        try {
          const reply = await next(call);
          duration(method).observe((performance.now() - beganMs) / 1_000);
          return reply;
        } catch (error) {
          failure(`${method} ${codeOf(error)}`).inc();
          throw error;
        }
      };
    },
    forget(server) {
      const { durations, failures } = counted.get(server) ?? { durations: new Map(), failures: new Map() };
      for (const method of durations.keys()) calls.remove({ server, method });
      for (const key of failures.keys()) {
        const [method = '', code = ''] = key.split(' ');
        errors.remove({ server, method, code });
      }
      counted.delete(server);
    },
    tokensSaved: (tokens) => saved.inc(Math.max(tokens, 0)),
    scrape(fleet) {
      // Those of servers that are gone must not stay.
      for (const gauge of ofServers) gauge.reset();
      for (const server of fleet.servers()) {
        const label = { server: server.id };
        for (const name of states) state.set({ ...label, state: name }, server.state === name ? 1 : 0);
        inFlight.set(label, sum(server.instances.map((instance) => instance.inFlight)));
        instances.set(label, server.instances.filter((instance) => instance.state === 'up').length);
        connects.set(label, server.connects);
      }
      return registry.metrics();
    },
  };
}

interface Counted {
  readonly durations: Map<string, Histogram.Internal<'server' | 'method'>>;
  /** By method and code, with a space between. */
  readonly failures: Map<string, Counter.Internal>;
}

/** Looking labels up is most of what counting costs. */
function remembering<T>(known: Map<string, T>, make: (key: string) => T): (key: string) => T {
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}

/** A longer result is taken for a good one: it would cost more to look at than to relay. */
const maxLookedAtBytes = 16_384;

function outcomeOf({ result }: Reply): string {
  const looked = result.bytes.length <= maxLookedAtBytes;
  return looked && result.member('isError')?.value === true ? 'tool_error' : 'ok';
}

function codeOf(error: unknown): string {
  return ToolyardError.is(error) ? error.code : 'INTERNAL';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
