import type { Call, Reply, Service } from '@toolyard/protocol';
import type { CallRules } from '@toolyard/registry';
import { type Bulkhead, createBulkhead } from '../resilience/bulkhead.ts';
import { createHedging } from '../resilience/hedging.ts';
import { createRetryBudget } from '../resilience/retry-budget.ts';
import { createRetrying } from '../resilience/retrying.ts';
import { type Affinity, createAffinity } from './affinity.ts';
import { choose, type Member } from './balance.ts';

/** An instance as calls see it. */
export interface CallTarget extends Member {
  /** Whether it would take a call now. */
  readonly allows: boolean;
  /** Rejects with `UPSTREAM_BREAKER_OPEN` where it takes none. */
  call(call: Call): Promise<Reply>;
}

export interface CallPathOptions {
  /** How the server is called in errors. */
  readonly upstream: string;
  readonly rules: CallRules;
  /** Those that are connected now. */
  readonly members: () => readonly CallTarget[];
  /** What a call rejects with where there is none. */
  readonly absence: () => Error;
  readonly now: () => number;
  readonly random: () => number;
}

/** The way of a call to one of the instances of a server. */
export interface CallPath {
  readonly service: Service;
  readonly bulkhead: Bulkhead;
}

/** Calls to one instance at the same time. */
export const defaultMaxConcurrent = 1_024;

/** bulkhead → retries → hedge → choice of an instance → breaker → instance. Subscriptions stay open, and go to an instance at once. */
export function createCallPath(options: CallPathOptions): CallPath {
  const { upstream, rules, members, absence, now, random } = options;
  const affinity: Affinity<CallTarget> = createAffinity();
  const bulkhead = createBulkhead({
    upstream,
    maxConcurrent: () => (rules.maxConcurrent ?? defaultMaxConcurrent) * Math.max(members().length, 1),
    ...(rules.maxQueue !== undefined && { maxQueue: rules.maxQueue }),
    now,
  });
  const budget = createRetryBudget({ now });
  const idempotent = new Set(rules.idempotent);
  const retrying = createRetrying({ budget, isIdempotent: (tool) => idempotent.has(tool), random, now });
  const hedging = createHedging({
    budget,
    afterMs: () => (members().length > 1 ? rules.hedgeAfterMs : undefined),
  });

  const give = (call: Call, tried: Set<CallTarget>): Promise<Reply> => {
    const all = members();
    const picked = all.length === 1 ? all[0] : choose(call, preferred(all, tried), { affinity, random });
    if (picked === undefined) return Promise.reject(absence());
    tried.add(picked);
    const reply = picked.call(call);
    return all.length === 1 ? reply : affinity.learn(reply, picked);
  };
  return {
    bulkhead,
    service(call) {
      // Nobody waits for a server that is down; one that goes down in the middle may be back at the next attempt.
      if (members().length === 0) return Promise.reject(absence());
      if (call.method === 'subscriptions/listen') return give(call, new Set());
      const tried = new Set<CallTarget>();
      return bulkhead.run(call, () => retrying(call, (_, again) => hedging(again, (__, sent) => give(sent, tried))));
    },
  };
}

/** Those that take calls and were not tried yet; else those that take calls; else all, of which one says when it will. */
function preferred(all: readonly CallTarget[], tried: ReadonlySet<CallTarget>): readonly CallTarget[] {
  const able = all.filter(({ allows }) => allows);
  const fresh = able.filter((member) => !tried.has(member));
  if (fresh.length > 0) return fresh;
  return able.length > 0 ? able : all;
}
