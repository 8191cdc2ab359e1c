import { takesCalls, type ServerStatus as Observed } from '@toolyard/orchestrator';

import { leftOutWords } from './left-out-words.ts';
import type { ServerActivity, ServerStatus } from './status.ts';

/** `words`: more about why it is down than callers may know. */
export function describeServer(observed: Observed, words?: string): ServerStatus {
  const { id, name, state, tags, domains, peer, counts, timeToReadyMs, nextAttemptInMs } = observed;
  const problem = problemOf(observed, words);
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(domains.length === 0 ? {} : { domains }),
    state,
    ...(peer === undefined ? {} : { wire: peer.wire, revision: peer.revision }),
    tools: counts.tools,
    prompts: counts.prompts,
    resources: counts.resources + counts.templates,
    ...(timeToReadyMs === undefined ? {} : { readyMs: Math.round(timeToReadyMs) }),
    ...(problem === undefined ? {} : { problem }),
    ...(nextAttemptInMs === undefined ? {} : { nextAttemptInMs: Math.round(nextAttemptInMs) }),
    activity: activityOf(observed),
  };
}

function activityOf({ instances, queued, restarts, lastMinute: { p95Ms } }: Observed): ServerActivity {
  return {
    instancesUp: instances.filter(({ phase }) => phase === 'up').length,
    instances: instances.length,
    inFlight: instances.reduce((sum, { inFlight }) => sum + inFlight, 0),
    queued,
    restarts,
    ...(p95Ms === undefined ? {} : { p95Ms: Math.round(p95Ms * 10) / 10 }),
  };
}

function problemOf(observed: Observed, words: string | undefined): string | undefined {
  const { state, reason, instances, failedLists } = observed;
  if (!takesCalls(state) && state !== 'starting') {
    const isLost = instances.some(({ phase }) => phase === 'down');
    return (isLost ? words : undefined) ?? reason?.message;
  }
  const parts: string[] = [];
  if (reason !== undefined && reason.code !== 'LISTS_FAILED') parts.push(reason.message);
  if (failedLists.length > 0) parts.push(`It did not list its ${failedLists.join(', ')}.`);
  const missing = leftOutWords(observed);
  if (missing !== undefined) parts.push(missing);
  return parts.length === 0 ? undefined : parts.join(' ');
}
