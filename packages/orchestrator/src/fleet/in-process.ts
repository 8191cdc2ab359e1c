import type { Call, Connection, ConnectOptions, Reply, Service } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';

/** A server that is a function of this process. */
export interface ServiceTarget {
  readonly service: Service;
}

/** Whatever closes it ends the calls in flight: their signals abort. */
export function connectService({ service }: ServiceTarget, { upstream }: Pick<ConnectOptions, 'upstream'>): Connection {
  const over = Promise.withResolvers<Error | undefined>();
  const ending = new AbortController();
  const close = (): Promise<void> => {
    ending.abort(new ToolyardError('CLOSED', { what: upstream }, `The connection to ${upstream} is closed.`));
    over.resolve(undefined);
    return Promise.resolve();
  };
  return {
    async service(call: Call): Promise<Reply> {
      ending.signal.throwIfAborted();
      return service({ ...call, signal: AbortSignal.any([call.signal, ending.signal]) });
    },
    peer: { revision: '2026-07-28', wire: 'in-process' },
    closed: over.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}
