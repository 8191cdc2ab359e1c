import type { Findings } from '../document/findings.ts';
import {
  isPlainName,
  type Located,
  type LocatedEntry,
  type LocatedMap,
  type LocatedScalar,
  scalarIn,
} from '../document/located.ts';
import { checkProfileRules } from './profile-rules.ts';
import { parseSecret } from './secret.ts';
import { isServerId, serverIdRule } from './server-id.ts';
import { checkUrl, checkUrls } from './url-rules.ts';

/** Most servers of one file. */
const maxServers = 4_096;

/** Who says where servers are: their fields, or somebody else. */
export type Where = 'fields' | 'elsewhere';

/** What the fields of a server have to do with one another, and what their texts must look like. Reads the document, so that it reports beside wrong types. */
export function checkRules(root: Located, problems: Findings, where: Where): void {
  if (root.kind !== 'map') return;
  checkSecret(scalarIn(root, 'secret'), problems);
  checkRedis(root.entries.get('cache')?.node, problems);
  checkProfileRules(root, problems);
  const servers = root.entries.get('servers')?.node;
  if (servers?.kind !== 'map') return;
  if (servers.entries.size > maxServers)
    problems.add(servers.at, servers.path, `there are ${servers.entries.size} servers; at most ${maxServers} are read`);
  for (const [id, entry] of servers.entries) {
    checkId(id, entry, problems);
    if (entry.node.kind === 'map') checkServer(entry.node, entry, where, problems);
  }
}

function checkRedis(cache: Located | undefined, problems: Findings): void {
  const url = cache?.kind === 'map' ? scalarIn(cache, 'redis') : undefined;
  if (typeof url?.value !== 'string' || url.value === '') return;
  if (/^rediss?:\/\//.test(url.value) && URL.canParse(url.value)) return;
  problems.add(url.at, url.path, 'this is not the URL of a Redis; a right one looks like "redis://127.0.0.1:6379"');
}

function checkSecret(node: LocatedScalar | undefined, problems: Findings): void {
  if (typeof node?.value !== 'string' || node.value === '') return;
  const parsed = parseSecret(node.value);
  if ('mistake' in parsed) problems.add(node.at, node.path, parsed.mistake);
}

function checkId(id: string, { keyAt, node }: LocatedEntry, problems: Findings): void {
  if (isServerId(id)) return;
  const better = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/_{2,}/g, '_')
    .slice(0, 32)
    .replaceAll(/^[_-]+|[_-]+$/g, '');
  const advice = better === '' || !isPlainName(better) ? '' : `; "${better}" would do`;
  problems.add(keyAt, node.path, `this id cannot be a prefix of names: ${serverIdRule}${advice}`);
}

function checkServer(server: LocatedMap, entry: LocatedEntry, where: Where, problems: Findings): void {
  if (where === 'fields') checkPlace(server, entry, problems);
  const start = server.entries.get('start');
  if (start?.node.kind === 'map') {
    if (!start.node.entries.has('command'))
      problems.add(start.keyAt, start.node.path, '"command" is missing: the program to start');
    checkVariables(start.node, problems);
  }
  checkInstances(server, problems);
  const restart = server.entries.get('restart')?.node;
  const has = (key: string): boolean => server.entries.has(key);
  const isElsewhere = where === 'elsewhere' || has('url') || has('urls');
  if (restart?.kind === 'map' && isElsewhere && !has('command') && !has('start'))
    only(restart, 'maxMemoryMb', 'is for a server that is started here, with "command" or "start"', problems);
  checkVariables(server, problems);
  checkUrl(scalarIn(server, 'url'), start !== undefined, problems);
  checkUrls(server.entries.get('urls')?.node, problems);
  checkHeaders(server, problems);
}

/** It says where it is, once, and what else it says is for a place of this kind. */
function checkPlace(server: LocatedMap, { keyAt }: LocatedEntry, problems: Findings): void {
  const has = (key: string): boolean => server.entries.has(key);
  const url = has('url') ? 'url' : 'urls';
  if (has('url') && has('urls'))
    problems.add(keyAt, server.path, '"url" and "urls" are both there; keep one of them, "urls" for more than one');
  if (has(url) && has('command')) {
    const advice =
      'keep one of them; where the command is to be started first and then serves the url, put it in "start"';
    problems.add(keyAt, server.path, `"${url}" and "command" are both there; ${advice}`);
  } else if (!has(url) && !has('command')) {
    const advice = '"url", "urls" for several, or "command" with "args"';
    problems.add(keyAt, server.path, `it does not say where the server is: ${advice}`);
  }
  if (has(url) && !has('command')) {
    for (const key of ['args', 'env', 'cwd', 'limits'])
      only(server, key, 'belongs to "command"; a server with a "url" has it in "start"', problems);
  }
  if (has('command') && !has(url)) {
    only(server, 'headers', 'belongs to "url"; a command gets what it needs in "env"', problems);
    only(server, 'auth', 'belongs to "url"; a command gets its credentials in "env"', problems);
    only(server, 'start', 'belongs to "url"; a "command" is started anyway', problems);
  }
  if (has('urls') && !has('url'))
    only(server, 'start', 'belongs to "url"; instances of one "url" with "{port}" have a process each', problems);
}

function checkInstances(server: LocatedMap, problems: Findings): void {
  const instances = server.entries.get('instances')?.node;
  if (instances?.kind !== 'map') return;
  const urls = server.entries.get('urls')?.node;
  const given = scalarIn(instances, 'min')?.value;
  const min = given ?? (urls?.kind === 'list' ? urls.items.length : 1);
  const max = scalarIn(instances, 'max');
  if (max === undefined || typeof min !== 'number' || typeof max.value !== 'number' || max.value >= min) return;
  const least = given === undefined && urls !== undefined ? 'the number of URLs' : '"min"';
  problems.add(max.at, max.path, `"max" is less than ${least} (${min})`);
}

function only(server: LocatedMap, key: string, rule: string, problems: Findings): void {
  const entry = server.entries.get(key);
  if (entry !== undefined) problems.add(entry.keyAt, entry.node.path, `"${key}" ${rule}`);
}

function checkVariables(process: LocatedMap, problems: Findings): void {
  const env = process.entries.get('env')?.node;
  if (env?.kind !== 'map') return;
  for (const [name, { keyAt, node }] of env.entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name))
      problems.add(keyAt, env.path, 'this is not a variable name: letters, digits and "_", no digit first');
    else if (node.kind === 'scalar' && String(node.value).includes('\0'))
      problems.add(node.at, node.path, 'a variable cannot contain a NUL character');
  }
}

/** Written by the transport for every request, or meaningful between two machines only (RFC 9110, 7.6.1). */
const reserved = new Set([
  'accept',
  'connection',
  'content-length',
  'content-type',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function checkHeaders(server: LocatedMap, problems: Findings): void {
  const seen = new Set<string>();
  const headers = server.entries.get('headers')?.node;
  if (headers?.kind === 'map') {
    for (const [name, { keyAt, node }] of headers.entries) {
      const mistake = headerNameMistake(name, seen);
      if (mistake !== undefined) problems.add(keyAt, isToken(name) ? node.path : headers.path, mistake);
      if (node.kind === 'scalar') checkHeaderValue(node, problems);
    }
  }
  const auth = server.entries.get('auth')?.node;
  if (auth?.kind !== 'map') return;
  const type = scalarIn(auth, 'type')?.value;
  if (type === 'bearer') {
    if (seen.has('authorization'))
      problems.add(auth.at, auth.path, '"headers" has Authorization already; keep one of them');
    checkHeaderValue(scalarIn(auth, 'token'), problems);
  }
  if (type === 'api_key') {
    const name = scalarIn(auth, 'header');
    const mistake =
      typeof name?.value === 'string' && name.value !== '' ? headerNameMistake(name.value, seen) : undefined;
    if (name !== undefined && mistake !== undefined) problems.add(name.at, name.path, mistake);
    checkHeaderValue(scalarIn(auth, 'key'), problems);
  }
}

function isToken(name: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(name);
}

function headerNameMistake(name: string, seen: Set<string>): string | undefined {
  const lower = name.toLowerCase();
  if (!isToken(name)) return 'this is not the name of a header: letters, digits and "-"';
  if (reserved.has(lower) || lower.startsWith('mcp-')) return 'this header is written by the transport; remove it';
  if (seen.has(lower)) return 'this header is there twice (the case of letters does not matter)';
  seen.add(lower);
  return undefined;
}

function checkHeaderValue(node: LocatedScalar | undefined, problems: Findings): void {
  if (typeof node?.value !== 'string' || node.broken) return;
  if (/^[\x20-\x7E\t]*$/.test(node.value)) return;
  const line = /[\r\n]/.test(node.value)
    ? 'a line break; if it comes from a file, remove the one at its end'
    : 'a character that a header cannot carry';
  problems.add(node.at, node.path, `the value contains ${line}`);
}
