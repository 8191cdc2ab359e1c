import type { Findings } from '../document/findings.ts';
import type { Located, LocatedEntry, LocatedMap } from '../document/located.ts';
import { knownKeys } from '../rules/document-shape.ts';

/**
 * How an older format called things: the new name, and how its value changes.
 * Names that differ in spelling only (`start_concurrency`) need no entry.
 */
interface Rename {
  readonly to: string;
  readonly value?: 'seconds' | 'level' | 'transport' | 'one-or-list';
}

const timeouts: Readonly<Record<string, Rename>> = {
  timeout: { to: 'timeoutMs', value: 'seconds' },
  timeout_seconds: { to: 'timeoutMs', value: 'seconds' },
  request_timeout: { to: 'timeoutMs', value: 'seconds' },
  request_timeout_seconds: { to: 'timeoutMs', value: 'seconds' },
  max_timeout: { to: 'maxTimeoutMs', value: 'seconds' },
  max_timeout_seconds: { to: 'maxTimeoutMs', value: 'seconds' },
  connect_timeout: { to: 'connectTimeoutMs', value: 'seconds' },
  connect_timeout_seconds: { to: 'connectTimeoutMs', value: 'seconds' },
  connection_timeout: { to: 'connectTimeoutMs', value: 'seconds' },
};

const orchestrationNames: Readonly<Record<string, Rename>> = {
  ...timeouts,
  resource_cache_ttl: { to: 'resourceCacheTtlMs', value: 'seconds' },
  resource_cache_ttl_seconds: { to: 'resourceCacheTtlMs', value: 'seconds' },
  log_level: { to: 'logLevel', value: 'level' },
};

const serverNames: Readonly<Record<string, Rename>> = {
  ...timeouts,
  domain: { to: 'domains', value: 'one-or-list' },
  working_directory: { to: 'cwd' },
  environment: { to: 'env' },
};

/** Settings that stood at the root. */
const rootSettings = [
  'fail_fast',
  'max_retries',
  'resource_cache_ttl',
  'resource_cache_ttl_seconds',
  'log_level',
  ...Object.keys(timeouts),
];

/** Translates a document that uses older names, wholly or in part, and notes the new name of each. Both names at once are a problem. */
export function translateOlderNames(root: Located, problems: Findings, notices: Findings): Located {
  if (root.kind !== 'map') return root;
  const entries = new Map(root.entries);
  const older = entries.get('mcp_servers');
  if (older !== undefined) {
    entries.delete('mcp_servers');
    if (entries.has('servers'))
      problems.add(
        older.keyAt,
        older.node.path,
        '"mcp_servers" is the older name of "servers", and both are there; keep "servers"',
      );
    else {
      notices.add(
        older.keyAt,
        older.node.path,
        '"mcp_servers" is called "servers" now, a mapping of server ids to servers',
      );
      entries.set('servers', { ...older, node: olderServers(older.node, problems) });
    }
  }
  moveSettings(entries, root, problems, notices);
  const settings = entries.get('orchestration');
  if (settings?.node.kind === 'map') {
    entries.set('orchestration', {
      ...settings,
      node: rename(settings.node, orchestrationNames, knownKeys.orchestration, problems, notices),
    });
  }
  const servers = entries.get('servers');
  if (servers?.node.kind === 'map') {
    const renamed = new Map<string, LocatedEntry>();
    for (const [id, entry] of servers.node.entries) {
      const node =
        entry.node.kind === 'map' ? rename(entry.node, serverNames, knownKeys.server, problems, notices) : entry.node;
      renamed.set(id, { ...entry, node: olderTransport(node, notices) });
    }
    entries.set('servers', { ...servers, node: { ...servers.node, entries: renamed } });
  }
  return { ...root, entries };
}

/** Settings at the root become members of `orchestration`. */
function moveSettings(
  entries: Map<string, LocatedEntry>,
  root: LocatedMap,
  problems: Findings,
  notices: Findings,
): void {
  for (const name of rootSettings) {
    const entry = entries.get(name);
    if (entry === undefined) continue;
    entries.delete(name);
    const settings = entries.get('orchestration')?.node;
    if (settings !== undefined && settings.kind !== 'map') continue;
    const inner = new Map(settings?.entries);
    if (inner.has(name)) {
      problems.add(entry.keyAt, entry.node.path, `"${name}" is also there in "orchestration"; keep that one`);
      continue;
    }
    notices.add(entry.keyAt, entry.node.path, `"${name}" belongs in "orchestration" now`);
    inner.set(name, entry);
    const node: LocatedMap =
      settings === undefined
        ? { kind: 'map', at: root.at, path: ['orchestration'], entries: inner }
        : { ...settings, entries: inner };
    entries.set('orchestration', { keyAt: entries.get('orchestration')?.keyAt ?? entry.keyAt, node });
  }
}

/** The older format also wrote servers as a list, with the id in `id` or `name`. */
function olderServers(node: Located, problems: Findings): Located {
  if (node.kind !== 'list') return node;
  const entries = new Map<string, LocatedEntry>();
  for (const item of node.items) {
    const [key, id] = item.kind === 'map' ? named(item) : [];
    if (item.kind !== 'map' || key === undefined || id === undefined) {
      problems.add(item.at, item.path, 'each server of the list must be a mapping with an "id" or a "name"');
      continue;
    }
    const earlier = entries.get(id);
    if (earlier !== undefined) {
      problems.add(
        item.at,
        item.path,
        `a server with this ${key} was already given in line ${earlier.keyAt.line}; ids must differ`,
      );
      continue;
    }
    const rest = new Map(item.entries);
    rest.delete(key);
    entries.set(id, { keyAt: item.at, node: { ...item, entries: rest } });
  }
  return { kind: 'map', at: node.at, path: node.path, entries };
}

function named(item: LocatedMap): readonly ['id' | 'name', string] | readonly [] {
  for (const key of ['id', 'name'] as const) {
    const node = item.entries.get(key)?.node;
    if (node?.kind === 'scalar' && typeof node.value === 'string') return [key, node.value];
  }
  return [];
}

function rename(
  map: LocatedMap,
  names: Readonly<Record<string, Rename>>,
  known: readonly string[],
  problems: Findings,
  notices: Findings,
): LocatedMap {
  const entries = new Map<string, LocatedEntry>();
  for (const [key, entry] of map.entries) {
    const change = known.includes(key) ? undefined : (own(names, key) ?? respelled(key, known));
    if (change === undefined) {
      entries.set(key, entry);
      continue;
    }
    if (map.entries.has(change.to) || entries.has(change.to)) {
      problems.add(
        entry.keyAt,
        entry.node.path,
        `"${key}" is an older name of "${change.to}", which is there too; keep "${change.to}"`,
      );
      continue;
    }
    const node = convert(entry.node, change.value, problems);
    if (node === undefined) continue;
    notices.add(
      entry.keyAt,
      entry.node.path,
      `"${key}" is called "${change.to}" now${change.value === 'seconds' ? ', in milliseconds' : ''}`,
    );
    entries.set(change.to, { ...entry, node });
  }
  return { ...map, entries };
}

function respelled(key: string, known: readonly string[]): Rename | undefined {
  if (!key.includes('_')) return undefined;
  const camel = key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return known.includes(camel) ? { to: camel } : undefined;
}

function own(names: Readonly<Record<string, Rename>>, key: string): Rename | undefined {
  return Object.hasOwn(names, key) ? names[key] : undefined;
}

function convert(node: Located, how: Rename['value'], problems: Findings): Located | undefined {
  if (how === 'one-or-list')
    return node.kind === 'scalar' ? { kind: 'list', at: node.at, path: node.path, items: [node] } : node;
  if (node.kind !== 'scalar' || node.broken) return node;
  if (how === 'level' && typeof node.value === 'string') {
    const level = node.value.toLowerCase();
    return { ...node, value: { warning: 'warn', critical: 'fatal' }[level] ?? level };
  }
  if (how !== 'seconds') return node;
  const seconds =
    typeof node.value === 'string' && node.resolved && /^\d{1,9}(?:\.\d{1,9})?$/.test(node.value)
      ? Number(node.value)
      : node.value;
  if (typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0)
    return { ...node, value: Math.round(seconds * 1_000) };
  problems.add(node.at, node.path, 'expected a number of seconds, such as 30 or 0.5');
  return undefined;
}

const olderTransports: readonly string[] = ['streamable_http', 'streamable-http', 'streamableHttp', 'sse'];

function olderTransport(server: Located, notices: Findings): Located {
  const entry = server.kind === 'map' ? server.entries.get('transport') : undefined;
  if (server.kind !== 'map' || entry?.node.kind !== 'scalar') return server;
  const { value } = entry.node;
  if (typeof value !== 'string' || !olderTransports.includes(value)) return server;
  notices.add(
    entry.node.at,
    entry.node.path,
    `the transport "${value}" is called "http" now, and finds out by itself which form the server speaks`,
  );
  return {
    ...server,
    entries: new Map(server.entries).set('transport', { ...entry, node: { ...entry.node, value: 'http' } }),
  };
}
