import { type Middleware, ToolyardError, whenSettled } from '@toolyard/protocol';

/**
 * Refuses calls with `TOO_MANY_CALLS` while as many as `bound` says, with each of them, are under way, over everything that this middleware is put around.
 * Subscriptions stay open and do not count; the sockets and sessions that they need are bounded.
 */
export function boundCalls(bound: () => number): Middleware {
  let inFlight = 0;
  const over = (): void => {
    inFlight -= 1;
  };
  return (next) => (call) => {
    if (call.method === 'subscriptions/listen') return next(call);
    const limit = bound();
    if (inFlight >= limit) return Promise.reject(full(limit));
    inFlight += 1;
    return whenSettled(() => next(call), over, over);
  };
}

function full(limit: number): ToolyardError<'TOO_MANY_CALLS'> {
  return new ToolyardError('TOO_MANY_CALLS', { limit }, `There are ${limit} calls in flight here already.`);
}
