import type { InstanceStatus, ServerStatus } from '@toolyard/orchestrator';

/** An instance that is up and has nothing to do, but for what is given. */
export function instanceStatus(number: number, more: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    number,
    phase: 'up',
    state: 'healthy',
    breaker: 'closed',
    peer: undefined,
    url: undefined,
    inFlight: 0,
    calls: 0,
    attempts: 1,
    connects: 1,
    reason: undefined,
    nextAttemptInMs: undefined,
    ...more,
  };
}

/** A server that is healthy, offers nothing and was not called, but for what is given. */
export function serverStatus(id: string, more: Partial<ServerStatus> = {}): ServerStatus {
  return {
    id,
    name: undefined,
    priority: 0,
    domains: [],
    capabilities: [],
    tags: [],
    state: 'healthy',
    peer: undefined,
    counts: { tools: 0, prompts: 0, resources: 0, templates: 0 },
    timeToReadyMs: undefined,
    instances: [],
    connects: 1,
    restarts: 0,
    failedAttempts: {},
    lastMinute: {
      calls: 0,
      faults: 0,
      slow: 0,
      averageMs: undefined,
      p50Ms: undefined,
      p95Ms: undefined,
      p99Ms: undefined,
    },
    reason: undefined,
    nextAttemptInMs: undefined,
    queued: 0,
    failedLists: [],
    leftOut: [],
    leftOutCount: 0,
    ...more,
  };
}
