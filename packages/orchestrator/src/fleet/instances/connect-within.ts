import type { Connection, ConnectOptions, Target, Transport } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { deadline } from '../../waiting/deadline.ts';
import type { ServiceTarget } from '@toolyard/registry';
import { connectService } from './in-process.ts';
import { orAborted } from '../../waiting/pause.ts';

/** Time that a transport has beyond its own bound before it is given up. */
const graceMs = 1000;

/** Reaches one target. */
export type Connect = (options: ConnectOptions) => Promise<Connection>;

/** Connects, and holds the transport to its promise: one that neither connects nor gives up in time is left behind, and what it may yet open is closed; the error is the transport's own where it has told that already. `onLeft` is told when nothing of it is left. */
export async function connectWithin(
  connect: Connect,
  options: ConnectOptions & { readonly signal: AbortSignal; readonly connectTimeoutMs: number },
  onLeft: (over: Promise<void>) => void,
): Promise<Connection> {
  const { upstream, connectTimeoutMs: afterMs } = options;
  let failing: Error | undefined;
  const late = (): Error =>
    failing ??
    new ToolyardError(
      'UPSTREAM_TIMEOUT',
      { upstream, method: 'connect', afterMs },
      `${upstream} was not reached within ${afterMs} ms.`,
    );
  using bound = deadline(afterMs + graceMs, options.signal, late);
  const onFailing = (error: Error): void => void (failing = error);
  const connecting = connect({ ...options, onFailing, signal: bound.signal });
  try {
    return await orAborted(connecting, bound.signal);
  } catch (error) {
    onLeft(
      connecting.then(
        (connection) => connection.close(),
        () => undefined,
      ),
    );
    throw error;
  }
}

/** How a target is reached: a service at once, all else by the transport that is asked for by name, or the first that accepts it. Throws `TRANSPORT_UNKNOWN`. */
export function connectTo(
  target: Target | ServiceTarget,
  transports: readonly Transport[],
  name: string | undefined,
): Connect {
  if ('service' in target) return (options) => Promise.resolve(connectService(target, options));
  const transport = pickTransport(transports, target, name);
  return (options) => transport.connect(target, options);
}

/** Throws `TRANSPORT_UNKNOWN`. */
export function pickTransport(transports: readonly Transport[], target: Target, name: string | undefined): Transport {
  const found = transports.find((transport) =>
    name === undefined ? transport.accepts(target) : transport.name === name,
  );
  if (found !== undefined) return found;
  const known = transports.map((transport) => transport.name);
  const wanted = name ?? kindOf(target);
  throw new ToolyardError(
    'TRANSPORT_UNKNOWN',
    { target: wanted, known },
    `No transport for ${wanted}; known: ${known.join(', ') || 'none'}.`,
  );
}

/** Never the target itself: its URL, arguments or headers may hold secrets. */
function kindOf(target: Target): string {
  if ('command' in target) return 'a command';
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(target.url)?.[0];
  return scheme === undefined ? 'a URL' : `${scheme} URLs`;
}
