import type { HealthRules } from '@toolyard/registry';
import type { ServerState } from '../status.ts';
import type { BreakerState } from './breaker.ts';
import type { OutcomeSummary } from './outcomes.ts';

/** What the rules go by. docs/resilience.md has them. */
export type HealthThresholds = Required<Omit<HealthRules, 'probeIntervalMs' | 'slowMs'>>;

export function readThresholds({
  minCalls = 20,
  faultRatio = 0.1,
  unhealthyProbes = 3,
}: HealthRules = {}): HealthThresholds {
  return { minCalls, faultRatio, unhealthyProbes };
}

/** Time from which on a call is slow. Tools take the time that they take, unless somebody says how much that is. */
export function slowMsOf(calls: 'tools' | 'others', { slowMs }: HealthRules = {}): number {
  return slowMs ?? (calls === 'tools' ? Infinity : 10_000);
}

/** One in so many calls that are slow is enough. */
const slowRatio = 0.05;

/** A state and, where it is no good one, what decided. */
export interface Health<Grounds extends string> {
  readonly state: ServerState;
  readonly grounds: Grounds | undefined;
}

type CallGrounds = 'faults' | 'slow';
/** `connection`: there is none. */
export type InstanceGrounds = 'connection' | 'breaker' | 'probes' | CallGrounds;
/** `instance`: one is not healthy. `missing`: there are fewer than wanted. `lists`: some could not be fetched. */
export type ServerGrounds = 'instance' | 'missing' | 'lists' | CallGrounds;

type Window = Pick<OutcomeSummary, 'calls' | 'faults' | 'slow'>;

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
export function instanceHealth(
  facts: InstanceFacts,
  thresholds: HealthThresholds = readThresholds(),
): Health<InstanceGrounds> {
  const { stopped, up, failed, breaker, failedProbes } = facts;
  if (stopped) return fine('stopped');
  if (!up) return failed ? { state: 'unhealthy', grounds: 'connection' } : fine('starting');
  if (breaker === 'open') return { state: 'unhealthy', grounds: 'breaker' };
  if (failedProbes >= thresholds.unhealthyProbes) return { state: 'unhealthy', grounds: 'probes' };
  if (breaker === 'half-open') return { state: 'degraded', grounds: 'breaker' };
  if (failedProbes > 0) return { state: 'degraded', grounds: 'probes' };
  return ofCalls(facts.window, thresholds);
}

export interface ServerFacts {
  /** It is closed, or on its way there. */
  readonly stopped: boolean;
  /** Instances that there should be. */
  readonly wanted: number;
  /** Of those that there are; ones that only finish their calls do not count. */
  readonly instances: readonly ServerState[];
  /** Lists that it has and could not be asked for. */
  readonly failedLists: number;
  /** That of all instances together. */
  readonly window: Window;
}

/** The first rule that fits decides. One that is still being started takes nothing away from those that are there. */
export function serverHealth(
  facts: ServerFacts,
  thresholds: HealthThresholds = readThresholds(),
): Health<ServerGrounds> {
  const { stopped, wanted, instances, failedLists, window } = facts;
  if (stopped || wanted === 0) return fine('stopped');
  const isTroubled = instances.some((state) => state === 'unhealthy' || state === 'degraded');
  if (!instances.some((state) => state === 'healthy' || state === 'degraded'))
    return isTroubled ? { state: 'unhealthy', grounds: 'instance' } : fine('starting');
  if (isTroubled) return { state: 'degraded', grounds: 'instance' };
  if (instances.length < wanted) return { state: 'degraded', grounds: 'missing' };
  if (failedLists > 0) return { state: 'degraded', grounds: 'lists' };
  return ofCalls(window, thresholds);
}

function ofCalls({ calls, faults, slow }: Window, thresholds: HealthThresholds): Health<CallGrounds> {
  if (calls < thresholds.minCalls) return fine('healthy');
  if (faults >= thresholds.faultRatio * calls) return { state: 'degraded', grounds: 'faults' };
  return slow >= slowRatio * calls ? { state: 'degraded', grounds: 'slow' } : fine('healthy');
}

function fine(state: ServerState): Health<never> {
  return { state, grounds: undefined };
}
