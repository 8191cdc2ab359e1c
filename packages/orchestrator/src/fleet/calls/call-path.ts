import { type Call, type Reply, type Service, whenSettled } from '@toolyard/protocol';
import type { CallRules } from '@toolyard/registry';
import { type Bulkhead, createBulkhead } from '../../resilience/bulkhead/bulkhead.ts';
import { createHedgeDelay } from '../../resilience/repeats/hedge-delay.ts';
import { createHedging } from '../../resilience/repeats/hedging.ts';
import { createRetryBudget } from '../../resilience/repeats/retry-budget.ts';
import { createRetrying } from '../../resilience/repeats/retrying.ts';
import { type CallTarget, type Choice, returned, Route, targetsOf } from './route.ts';

export interface CallPathOptions extends Choice {
  /** Whether there are, or may be, several instances. */
  readonly several: () => boolean;
  /** How the server is called in errors. */
  readonly upstream: string;
  /** Asked each time: those of the definition that holds now. */
  readonly rules: () => CallRules;
  /** What a call rejects with where there is no instance. */
  readonly absence: () => Error;
  readonly now: () => number;
}

/** The way of calls to the instances of one server, for as long as there is the server. */
export interface CallPath {
  readonly service: Service;
  readonly bulkhead: Bulkhead<CallTarget>;
}

/** Calls to one instance at the same time. */
export const defaultMaxConcurrent = 1_024;
/** Calls to one server that wait. */
const defaultMaxQueue = 16_384;

/** choice of an instance → its bulkhead → retries → hedge → breaker → instance; repeats choose, and wait, anew. Subscriptions stay open, and go to an instance at once. */
export function createCallPath(options: CallPathOptions): CallPath {
  const { upstream, rules, members, leaving, expected, affinity, homes, several, absence, now, random } = options;
  const bulkhead = createBulkhead<CallTarget>({
    upstream,
    maxConcurrent: () => rules().maxConcurrent ?? defaultMaxConcurrent,
    maxQueue: () => rules().maxQueue ?? defaultMaxQueue,
    places: () => targetsOf(options),
    isOpen: (place) => (place.allows && members().includes(place)) || leaving().includes(place),
    absence: () => (expected() ? undefined : absence()),
    now,
  });
  const budget = createRetryBudget({ now });
  const retrying = createRetrying({
    budget,
    isIdempotent: (tool) => rules().idempotent?.includes(tool) === true,
    rules: () => rules().retry,
    random,
    now,
  });
  const hedging = createHedging({
    budget,
    delay: createHedgeDelay({ rules: () => rules().hedge, now }),
    several: () => members().length > 1,
    now,
  });

  /** As long as its home is there it stays, also while that takes no calls. */
  const settle = ({ caller }: Call, target: CallTarget): void => {
    const home = homes.of(caller);
    const all = members();
    if (all.includes(target) && !all.some(({ number }) => number === home)) homes.settle(caller, target.number);
  };
  const sendTo = (target: CallTarget, call: Call): Promise<Reply> => {
    const startedMs = now();
    if (target.stateful && several()) settle(call, target);
    const left = (): void => bulkhead.left(now() - startedMs);
    // What one gave out that keeps nothing can be brought back to any other.
    const learns = target.stateful || members().length > 1;
    return whenSettled(
      () => target.call(call),
      (reply) => {
        left();
        if (learns) affinity.learn(reply, target.number);
      },
      left,
    );
  };
  const listen = (call: Call): Promise<Reply> => {
    const route = new Route(call, options);
    const target = route.only() ?? route.any(anyOne);
    return target === undefined ? Promise.reject(absence()) : target.call(call);
  };
  return {
    bulkhead,
    service(call) {
      // Nobody waits for a server that is down; one that goes down in the middle may be back at the next attempt.
      if (members().length === 0 && !expected() && returned(call, options) === undefined)
        return Promise.reject(absence());
      if (call.method === 'subscriptions/listen') return listen(call);
      const route = new Route(call, options);
      // The instance was chosen, and waited for, before the first attempt: what was refused in the queue is not repeated.
      return bulkhead.run(call, route, (first) => {
        let last = first;
        const elsewhere = (sent: Call): Promise<Reply> => {
          route.tried(last);
          return bulkhead.run(sent, route, (target) => {
            last = target;
            return sendTo(target, sent);
          });
        };
        return retrying(call, (attempt, again) =>
          hedging(again, (number, sent) => (attempt === 1 && number === 1 ? sendTo(first, sent) : elsewhere(sent))),
        );
      });
    },
  };
}

const anyOne = (): boolean => true;
