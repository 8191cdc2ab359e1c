import { oneLine, problemLines, table } from '../cli/table.ts';
import type { GatewayStatus, ServerActivity, ServerStatus } from './status.ts';

interface Column {
  readonly head: string;
  readonly cell: (server: ServerStatus) => string;
}

/** For people: the servers, then the profiles where there are any. */
export function renderStatus({ servers, profiles = [] }: Pick<GatewayStatus, 'servers' | 'profiles'>): string {
  if (profiles.length === 0) return renderServers(servers);
  const rows = profiles.map(({ name, mode, tools, endpoint }) => [name, mode, String(tools), endpoint ?? '-']);
  return `${renderServers(servers)}\n\n${table(['profile', 'mode', 'tools', 'endpoint'], rows)}`;
}

const identity: readonly Column[] = [
  { head: 'server', cell: ({ id }) => oneLine(id) },
  { head: 'state', cell: ({ state }) => state },
];

/** What a server is and offers. */
const offer: readonly Column[] = [
  ...identity,
  { head: 'connected by', cell: ({ wire }) => (wire === undefined ? '-' : oneLine(wire)) },
  { head: 'era', cell: ({ revision }) => (revision === undefined ? '-' : oneLine(revision)) },
  { head: 'tools', cell: known(({ tools }) => tools) },
  { head: 'prompts', cell: known(({ prompts }) => prompts) },
  { head: 'resources', cell: known(({ resources }) => resources) },
  { head: 'ready in', cell: ({ readyMs }) => milliseconds(readyMs) },
];

/** What a server is busy with. */
export const activity: readonly Column[] = [
  ...identity,
  { head: 'instances', cell: busy(({ instances, instancesUp }) => `${instancesUp}/${instances}`) },
  { head: 'in flight', cell: busy(({ inFlight }) => String(inFlight)) },
  { head: 'queued', cell: busy(({ queued }) => String(queued)) },
  { head: 'p95', cell: busy(({ p95Ms }) => milliseconds(p95Ms)) },
  { head: 'restarts', cell: busy(({ restarts }) => String(restarts)) },
  { head: 'tools', cell: known(({ tools }) => tools) },
];

/** For people: a row for each server, then what is wrong. `columns`: by default what each offers. */
export function renderServers(servers: readonly ServerStatus[], columns: readonly Column[] = offer): string {
  if (servers.length === 0) return 'No servers are configured.';
  const rows = servers.map((server) => columns.map(({ cell }) => cell(server)));
  const heads = columns.map(({ head }) => head);
  return table(heads, rows) + problemLines(servers);
}

/** Nothing is known of a server that was not reached yet. */
function known(count: (server: ServerStatus) => number): Column['cell'] {
  return (server) => (server.state === 'starting' ? '-' : String(count(server)));
}

function busy(cell: (activity: ServerActivity) => string): Column['cell'] {
  return ({ activity: now }) => (now === undefined ? '-' : cell(now));
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${Math.round(ms)} ms`;
}
