import { takesCalls } from '@toolyard/orchestrator';

import type { GatewayStatus } from './status.ts';

/** Servers that are named in one reason. */
const maxNamed = 10;

/** Why no calls should be sent here; empty where they may be. A gateway without servers answers, too. */
export function unreadiness(
  { status, servers }: Pick<GatewayStatus, 'status' | 'servers'>,
  settled: boolean,
): readonly string[] {
  if (status === 'stopping') return ['It is stopping.'];
  if (!settled) return ['Servers are being started.'];
  const wanted = servers.filter(({ state }) => state !== 'stopped');
  if (wanted.length === 0 || wanted.some(({ state }) => takesCalls(state))) return [];
  const named = wanted.slice(0, maxNamed).map(({ id, state }) => `${id} is ${state}`);
  const more = wanted.length > maxNamed ? [`${wanted.length - maxNamed} more`] : [];
  return [`No server answers: ${[...named, ...more].join(', ')}.`];
}
