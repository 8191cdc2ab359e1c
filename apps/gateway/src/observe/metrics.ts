import { type Middleware, type Reply, ToolyardError, whenSettled } from '@toolyard/protocol';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { createFleetGauges, type Observed } from './fleet-gauges.ts';
import { knownMethod } from './known-method.ts';
import { createTally } from './tally.ts';

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
  /** In the text format, with how all is doing at this moment. */
  scrape(observed: Observed): Promise<string>;
  /** Of `scrape`. */
  readonly contentType: string;
}

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
    help: 'Requests to servers that were answered, from the moment they were accepted: waiting and repeats included.',
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
  const writeFleet = createFleetGauges(registry);
  const outcomes = createTally();
  let underWay = 0;
  const ended = (method: string, outcome: string): void => {
    underWay--;
    outcomes.count(method, outcome);
  };
  /** By server: what is to be forgotten with it. */
  const counted = new Map<string, Counted>();

  return {
    contentType: registry.contentType,
    door: (next) => (call) => {
      const method = knownMethod(call.method);
      underWay++;
      return whenSettled(
        () => next(call),
        (reply) => ended(method, outcomeOf(reply)),
        (error) => ended(method, codeOf(error)),
      );
    },
    upstream(server) {
      const known: Counted = counted.get(server) ?? { gone: false, durations: new Map(), failures: new Map() };
      counted.set(server, known);
      const duration = remembering(known.durations, (method) => calls.labels({ server, method }));
      const failure = remembering(known.failures, (key) => {
        const [method = '', code = ''] = key.split(' ');
        return errors.labels({ server, method, code });
      });
      return (next) => (call) => {
        if (call.method === 'subscriptions/listen') return next(call);
        const method = knownMethod(call.method);
        const beganMs = performance.now();
        return whenSettled(
          () => next(call),
          () => {
            if (!known.gone) duration(method).observe((performance.now() - beganMs) / 1_000);
          },
          (error) => {
            if (!known.gone) failure(`${method} ${codeOf(error)}`).inc();
          },
        );
      };
    },
    forget(server) {
      const known = counted.get(server);
      if (known === undefined) return;
      known.gone = true;
      for (const method of known.durations.keys()) calls.remove({ server, method });
      for (const key of known.failures.keys()) {
        const [method = '', code = ''] = key.split(' ');
        errors.remove({ server, method, code });
      }
      counted.delete(server);
    },
    tokensSaved: (tokens) => saved.inc(Math.max(tokens, 0)),
    scrape(observed) {
      writeFleet(observed);
      open.set(underWay);
      outcomes.drain((method, outcome, count) => requests.inc({ method, outcome }, count));
      return registry.metrics();
    },
  };
}

interface Counted {
  /** What ends after that is not counted: nobody would forget it again. */
  gone: boolean;
  readonly durations: Map<string, Histogram.Internal<'server' | 'method'>>;
  /** By method and code, with a space between. */
  readonly failures: Map<string, Counter.Internal>;
}

/** Looking labels up is most of what counting costs. */
function remembering<T>(known: Map<string, T>, make: (key: string) => T): (key: string) => T {
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = make(key)));
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
