import type { Call, Connection, ConnectOptions, Reply, Service } from '@toolyard/protocol';
import { Patience, ToolyardError } from '@toolyard/protocol';
import type { ServiceTarget } from '@toolyard/registry';
import { cancelled } from '../../resilience/cancelled.ts';

type InProcessOptions = Pick<ConnectOptions, 'upstream' | 'timeoutMs' | 'maxTimeoutMs'>;

/** A function of this process as a connection, with the bounds of every other. Whatever closes it ends the calls in flight: their signals abort. */
export function connectService({ service }: ServiceTarget, options: InProcessOptions): Connection {
  const { upstream } = options;
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
      const signal = AbortSignal.any([call.signal, ending.signal]);
      return call.method === 'subscriptions/listen'
        ? service({ ...call, signal })
        : patiently(service, { ...call, signal }, options);
    },
    peer: { revision: '2026-07-28', wire: 'in-process' },
    closed: over.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Rejects, and aborts the call's signal, when the service is silent for too long or takes too long, also where it takes no notice. Progress that grows breaks the silence. */
function patiently(
  service: Service,
  call: Call,
  { upstream, timeoutMs = 60_000, maxTimeoutMs = 600_000 }: InProcessOptions,
): Promise<Reply> {
  const { method, deadlineMs } = call;
  const ending = new AbortController();
  let progress = -Infinity;
  return new Promise((resolve, reject) => {
    const late = (afterMs: number): void => {
      const facts = { upstream, method, afterMs };
      end(new ToolyardError('UPSTREAM_TIMEOUT', facts, `${upstream} did not answer ${method} within ${afterMs} ms.`));
    };
    const patience = new Patience({ silenceMs: timeoutMs, maxMs: maxTimeoutMs, deadlineMs }, late);
    const leave = (): void => {
      patience.end();
      call.signal.removeEventListener('abort', stop);
    };
    const end = (error: Error): void => {
      leave();
      ending.abort(error);
      reject(error);
    };
    const stop = (): void => end(reasonOf(call.signal));
    const notify: Call['notify'] = async (notification) => {
      const now =
        notification.method === 'notifications/progress' ? notification.params.member('progress')?.value : undefined;
      if (typeof now === 'number' && now > progress) {
        progress = now;
        patience.heard();
      }
      // Nobody waits for it any more.
      if (!ending.signal.aborted) await call.notify(notification);
    };
    if (call.signal.aborted) return stop();
    call.signal.addEventListener('abort', stop, { once: true });
    patience.start();
    void Promise.resolve()
      .then(() => service({ ...call, notify, signal: ending.signal }))
      .then(resolve, reject)
      .finally(leave);
  });
}

function reasonOf(signal: AbortSignal): Error {
  return ToolyardError.is(signal.reason) ? signal.reason : cancelled(signal);
}
