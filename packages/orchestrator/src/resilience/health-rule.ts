import type { BreakerState } from './breaker.ts';
import type { OutcomeSummary } from './outcomes.ts';

/**
 * How a server, or one instance of it, is doing. docs/resilience.md has the rules.
 *
 * - `starting`: it was never up, and nothing has failed yet.
 * - `healthy`: it takes calls, and answers them.
 * - `degraded`: it takes calls, but not as it should.
 * - `unhealthy`: it takes no calls.
 * - `stopped`: nobody wants it to run.
 */
export type Health = 'starting' | 'healthy' | 'degraded' | 'unhealthy' | 'stopped';

/** From when on something is held against a server. What is left out has its default. */
export interface HealthThresholds {
  /** Calls in the window, fewer of which say nothing about rates and times. Default 20. */
  readonly minCalls: number;
  /** Part of the calls that are faults, from which on it is degraded. Default 0.1. */
  readonly degradedFaultRatio: number;
  /** Time that the slowest 5% of the calls take, from which on it is degraded. Default 10,000; `Infinity` where tools take their time. */
  readonly degradedP95Ms: number;
  /** Probes in a row that failed, from which on an instance is unhealthy; one makes it degraded. Default 3. */
  readonly unhealthyProbes: number;
}

const defaults: HealthThresholds = Object.freeze({
  minCalls: 20,
  degradedFaultRatio: 0.1,
  degradedP95Ms: 10_000,
  unhealthyProbes: 3,
});

type Window = Pick<OutcomeSummary, 'calls' | 'faults' | 'p95Ms'>;

export interface InstanceFacts {
  /** It is closed, or on its way there. */
  readonly stopped: boolean;
  /** It is connected. */
  readonly up: boolean;
  /** An attempt to connect has failed, or a connection was lost. */
  readonly failed: boolean;
  readonly breaker: BreakerState;
  /** Probes that failed since the last that did not. */
  readonly failedProbes: number;
  readonly window: Window;
}

/** The first rule that fits decides. */
export function instanceHealth(facts: InstanceFacts, given: Partial<HealthThresholds> = {}): Health {
  const thresholds = { ...defaults, ...given };
  const { stopped, up, failed, breaker, failedProbes } = facts;
  if (stopped) return 'stopped';
  if (!up) return failed ? 'unhealthy' : 'starting';
  if (breaker === 'open' || failedProbes >= thresholds.unhealthyProbes) return 'unhealthy';
  if (breaker === 'half-open' || failedProbes > 0 || isTroubled(facts.window, thresholds)) return 'degraded';
  return 'healthy';
}

export interface ServerFacts {
  /** It is closed, or on its way there. */
  readonly stopped: boolean;
  /** Instances that there should be. */
  readonly wanted: number;
  /** Of those that there are; ones that only finish their calls do not count. */
  readonly instances: readonly Health[];
  /** Lists that it has and could not be asked for. */
  readonly failedLists: number;
  /** That of all instances together. */
  readonly window: Window;
}

/** The first rule that fits decides. */
export function serverHealth(facts: ServerFacts, given: Partial<HealthThresholds> = {}): Health {
  const thresholds = { ...defaults, ...given };
  const { stopped, wanted, instances, failedLists, window } = facts;
  if (stopped || wanted === 0) return 'stopped';
  const healthy = instances.filter((health) => health === 'healthy').length;
  if (healthy === 0 && !instances.includes('degraded'))
    return instances.includes('unhealthy') ? 'unhealthy' : 'starting';
  const complete = healthy === instances.length && healthy >= wanted;
  return complete && failedLists === 0 && !isTroubled(window, thresholds) ? 'healthy' : 'degraded';
}

function isTroubled({ calls, faults, p95Ms = 0 }: Window, thresholds: HealthThresholds): boolean {
  if (calls < thresholds.minCalls) return false;
  return faults >= thresholds.degradedFaultRatio * calls || p95Ms >= thresholds.degradedP95Ms;
}
