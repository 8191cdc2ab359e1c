import { compose, type Middleware } from '@toolyard/protocol';

import type { Logger } from '../log/logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createRequestLog } from './request-log.ts';
import { carriedOn, isTracing, traced } from './tracing.ts';

export interface Observation extends Disposable {
  readonly metrics: Metrics;
  /** Around what clients call. */
  readonly door: Middleware;
  /** Around the service of one server, the first outermost. */
  upstream(server: string): readonly Middleware[];
}

/** All that watches calls: metrics, traces where somebody wants them, and the log. */
export function observe(log: Logger): Observation {
  const metrics = createMetrics();
  const requests = createRequestLog(log);
  const tracing = isTracing();
  const door = [requests.door, metrics.door, ...(tracing ? [traced()] : []), carriedOn];
  return {
    metrics,
    door: (next) => compose(door, next),
    upstream: (server) => [metrics.upstream(server), requests.upstream(server), ...(tracing ? [traced(server)] : [])],
    [Symbol.dispose]: () => requests[Symbol.dispose](),
  };
}
