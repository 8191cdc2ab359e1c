import { connectPipe } from '../eras/pipe/connect-pipe.ts';
import type { Serving } from '../eras/pipe/pipe-options.ts';
import { servePipe } from '../eras/pipe/serve-pipe.ts';
import { ToolyardError } from '../errors/toolyard-error.ts';
import type { Pipe } from '../pipe.ts';
import type { Service } from '../service.ts';
import type { Connection, ConnectOptions, Listener, ServeOptions, Target, Transport } from '../transport.ts';
import { createPipePair, type PipePairOptions } from './pipe-pair.ts';

export interface MemoryServeOptions extends ServeOptions {
  /** What clients connect to: the target `memory:<name>`. Default: a number that is free. */
  readonly name?: string;
}

export interface MemoryTransport extends Transport {
  serve(service: Service, options: MemoryServeOptions): Promise<MemoryListener>;
  /** The raw pipe to what is served under a name, for whoever wants to see the wire. Rejects with `UPSTREAM_UNREACHABLE` where nothing is. */
  dial(name: string): Promise<Pipe>;
}

export interface MemoryListener extends Listener {
  /** Clients that are connected now. */
  readonly clients: number;
}

const scheme = 'memory:';

/**
 * Servers and clients in one process, with everything but a wire between them: for tests, and for a server that lives beside its client.
 * Names belong to this object: two of them know nothing of each other.
 */
export function memoryTransport(pipes: PipePairOptions = {}): MemoryTransport {
  const listeners = new Map<string, (pipe: Pipe) => void>();
  let nextName = 1;

  return {
    contract: 'transport/1',
    name: 'memory',
    accepts: (target) => nameOf(target) !== undefined,
    connect,
    serve,
    dial,
  };

  async function connect(target: Target, options: ConnectOptions): Promise<Connection> {
    const name = nameOf(target);
    if (name === undefined) throw new TypeError('memoryTransport() connects to targets like memory:name');
    return connectPipe(() => dial(name, options.upstream), { ...options, wire: 'memory' });
  }

  async function dial(name: string, upstream: string = name): Promise<Pipe> {
    const accept = listeners.get(name);
    if (accept === undefined)
      throw new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `Nothing is served at ${scheme}${name}.`);
    const [ours, theirs] = createPipePair(pipes);
    accept(theirs);
    return ours;
  }

  async function serve(service: Service, options: MemoryServeOptions): Promise<MemoryListener> {
    const name = options.name ?? freeName();
    if (listeners.has(name)) throw new TypeError(`${scheme}${name} is served already`);
    const servings = new Set<Serving>();
    const over = Promise.withResolvers<Error | undefined>();
    const accept = (pipe: Pipe): void => {
      const serving = servePipe(pipe, service, options);
      servings.add(serving);
      void serving.closed.then(() => servings.delete(serving));
    };
    listeners.set(name, accept);
    const close: Listener['close'] = async (how) => {
      if (listeners.get(name) === accept) listeners.delete(name);
      await Promise.all([...servings].map((serving) => serving.close(how)));
      over.resolve(undefined);
    };
    return {
      address: `${scheme}${name}`,
      closed: over.promise,
      get clients() {
        return servings.size;
      },
      close,
      [Symbol.asyncDispose]: () => close(),
    };
  }

  function freeName(): string {
    while (listeners.has(String(nextName))) nextName++;
    return String(nextName++);
  }
}

function nameOf(target: Target): string | undefined {
  return 'url' in target && target.url.startsWith(scheme) ? target.url.slice(scheme.length) : undefined;
}
