import type { Call, Middleware, Reply, Service } from '@toolyard/protocol';

/**
 * Lets calls wait for the first servers, so that a client which asks at once what there is gets the whole answer. What comes up later
 * is told by `list_changed`. `ready` never rejects and is bounded by its maker.
 */
export function holdUntil(ready: Promise<void>): Middleware {
  let open = false;
  void ready.then(() => {
    open = true;
  });
  return (next) => (call) => (open ? next(call) : held(next, call));

  async function held(next: Service, call: Call): Promise<Reply> {
    const aborted = Promise.withResolvers<void>();
    call.signal.addEventListener('abort', () => aborted.resolve(), { once: true });
    await Promise.race([ready, aborted.promise]);
    return next(call);
  }
}

/** Waits no longer than that; rejects as what it waits for does. */
export async function within(started: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([started, promise]).finally(() => clearTimeout(timer));
}
