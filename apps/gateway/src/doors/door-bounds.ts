import type { Configuration } from '@toolyard/registry';

/** What clients may make the gateway hold. */
export interface DoorBounds {
  /** Calls under way, of all clients together: nobody is told apart here, so no client has a share of its own. */
  readonly maxInFlight: number;
  /** Sockets of clients: each call of 2026-07-28 has one, and so has the event stream of each older session. */
  readonly maxConnections: number;
}

const defaultMaxInFlight = 16_384;

export function doorBounds({ orchestration }: Pick<Configuration, 'orchestration'>): DoorBounds {
  const { maxInFlight = defaultMaxInFlight, maxConnections = 2 * maxInFlight } = orchestration;
  return { maxInFlight, maxConnections };
}
