import type { Call } from './call.ts';
import type { Reply } from './reply.ts';

/**
 * Everything that answers MCP requests: a remote server behind a transport, the orchestrator over many of them, a test's function.
 *
 * Resolves with the result, rejects with a `ToolyardError` (anything else that is thrown reaches the caller as `INTERNAL`).
 * It settles once, soon after `call.signal` aborts at the latest, and calls `call.notify` only before it settles.
 * `subscriptions/listen` is a call that stays open: it settles when the subscription ends.
 */
export type Service = (call: Call) => Promise<Reply>;

/**
 * Wraps a service. What it does before `next(call)` happens on the way in, what it does after on the way out;
 * to change a call it passes on a copy (`next({ ...call, params })`), never the call it was given altered.
 */
export type Middleware = (next: Service) => Service;

/** Applies middleware so that the first of the list sees a call first and its reply last. */
export function compose(middleware: readonly Middleware[], service: Service): Service {
  return middleware.reduceRight((next, wrap) => wrap(next), service);
}
