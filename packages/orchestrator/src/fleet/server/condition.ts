import {
  type Health,
  type HealthThresholds,
  type InstanceFacts,
  type InstanceGrounds,
  instanceHealth,
  type ServerGrounds,
  serverHealth,
} from '../../resilience/health-rule.ts';
import { type Outcomes, type OutcomeSummary, summarize } from '../../resilience/outcomes.ts';
import type { Failure, ServerState } from '../../status.ts';
import type { Kind } from '../../catalogue/kinds.ts';
import { describeFailure } from '../failure.ts';

/** How an instance or a server is doing and, where that is not well, why. */
export interface Condition {
  readonly state: ServerState;
  readonly reason: Failure | undefined;
}

/** With what something failed last, and when on the clock. */
export interface Fault {
  readonly error: unknown;
  readonly atMs: number;
}

export interface Troubles {
  /** Why it could not be connected, or was lost. */
  readonly lost: Failure | undefined;
  readonly failedProbe: unknown;
  /** Of its calls and probes. */
  readonly lastFault: Fault | undefined;
}

export function instanceCondition(
  facts: Omit<InstanceFacts, 'window'> & { readonly window: OutcomeSummary },
  { lost, failedProbe, lastFault }: Troubles,
  thresholds: HealthThresholds,
): Condition {
  const words: Record<InstanceGrounds, () => Failure> = {
    connection: () => lost ?? describeFailure(undefined),
    breaker: () => describeFailure(lastFault?.error),
    probes: () => describeFailure(failedProbe),
    ...callWords(facts.window, lastFault),
  };
  return conditionOf(instanceHealth(facts, thresholds), words);
}

export interface ServerConditionFacts {
  readonly stopped: boolean;
  readonly wanted: number;
  readonly instances: readonly JudgedInstance[];
  readonly failedLists: readonly Kind[];
}

/** What is looked at of an instance. */
export interface JudgedInstance {
  readonly number: number;
  readonly condition: Condition;
  readonly outcomes: Outcomes;
  readonly lastFault: Fault | undefined;
}

export function serverCondition(
  { stopped, wanted, instances, failedLists }: ServerConditionFacts,
  thresholds: HealthThresholds,
): Condition {
  const window = summarize(instances.map(({ outcomes }) => outcomes));
  const judged = instances.map(({ number, condition }) => ({ number, ...condition }));
  const states = judged.map(({ state }) => state);
  const faults = instances.flatMap(({ lastFault }) => lastFault ?? []);
  const words: Record<ServerGrounds, () => Failure> = {
    instance: () => worst(judged),
    missing: () => failure('UPSTREAM_UNREACHABLE', `Of ${wanted} instances there are ${instances.length}.`),
    lists: () => failure('LISTS_FAILED', `It did not list its ${failedLists.join(', ')}.`),
    ...callWords(window, faults.toSorted((one, other) => one.atMs - other.atMs).at(-1)),
  };
  const facts = { stopped, wanted, instances: states, failedLists: failedLists.length, window };
  return conditionOf(serverHealth(facts, thresholds), words);
}

function conditionOf<G extends string>({ state, grounds }: Health<G>, words: Record<G, () => Failure>): Condition {
  return { state, reason: grounds === undefined ? undefined : words[grounds]() };
}

function callWords(
  { calls, faults, slow, p95Ms = 0 }: OutcomeSummary,
  last: Fault | undefined,
): Record<'faults' | 'slow', () => Failure> {
  return {
    faults() {
      const { code, message } = describeFailure(last?.error);
      return failure(code, `Of ${calls} calls in the last minute ${faults} failed. The last: ${message}`);
    },
    slow: () =>
      failure(
        'SLOW',
        `Of ${calls} calls in the last minute ${slow} were slow; the slowest took ${Math.round(p95Ms)} ms and more.`,
      ),
  };
}

/** The one that is worst, the first of several. */
function worst(instances: readonly (Condition & { readonly number: number })[]): Failure {
  const first = (wanted: ServerState): (typeof instances)[number] | undefined =>
    instances.find(({ state }) => state === wanted);
  const one = first('unhealthy') ?? first('degraded');
  const { code, message } = one?.reason ?? describeFailure(undefined);
  return failure(code, instances.length > 1 && one !== undefined ? `Instance ${one.number}: ${message}` : message);
}

function failure(code: Failure['code'], message: string): Failure {
  return { code, message };
}
