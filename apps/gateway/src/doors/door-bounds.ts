import type { Configuration } from '@toolyard/registry';

/** What clients may make the gateway hold. */
export interface DoorBounds {
  /** Calls under way, of all clients together: nobody is told apart here, so no client has a share of its own. */
  readonly maxInFlight: number;
  /** Sockets of clients: each call of 2026-07-28 has one, and so has the event stream of each older session. */
  readonly maxConnections: number;
}

const defaultMaxInFlight = 16_384;

/** `openFiles`: that this process may have at a time, if there is a limit. */
export function doorBounds(
  { orchestration }: Pick<Configuration, 'orchestration'>,
  openFiles: number | undefined,
): DoorBounds {
  const { maxInFlight = defaultMaxInFlight, maxConnections = 2 * maxInFlight } = orchestration;
  const most = openFiles === undefined ? maxConnections : openFiles - keptForServers(openFiles);
  return { maxInFlight, maxConnections: Math.min(maxConnections, most) };
}

/** A server that dies while clients hold all open files could not be started again. */
function keptForServers(openFiles: number): number {
  return Math.ceil(Math.max(openFiles / 4, Math.min(openFiles / 2, 512)));
}
