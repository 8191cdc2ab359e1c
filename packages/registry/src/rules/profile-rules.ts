import type { Findings } from '../document/findings.ts';
import {
  isPlainName,
  type Located,
  type LocatedEntry,
  type LocatedMap,
  type LocatedScalar,
  scalarIn,
} from '../document/located.ts';
import { nearest } from './nearest.ts';

/** Each is an endpoint of its own. */
const maxProfiles = 256;
const maxPatternLength = 128;

/** What is there for profiles to choose from. */
interface Known {
  readonly servers: readonly string[];
  readonly tags: readonly string[];
}

/** What the texts of profiles must look like, and what they have to do with the servers and with one another. */
export function checkProfileRules(root: LocatedMap, problems: Findings): void {
  const profiles = root.entries.get('profiles')?.node;
  if (profiles?.kind !== 'map') return;
  const { size } = profiles.entries;
  if (size > maxProfiles)
    problems.add(profiles.at, profiles.path, `there are ${size} profiles; at most ${maxProfiles} are read`);
  const settings = root.entries.get('orchestration')?.node;
  const naming = settings?.kind === 'map' ? scalarIn(settings, 'naming') : undefined;
  if (size > 0 && naming?.value === 'flat')
    problems.add(
      profiles.at,
      profiles.path,
      'there are no profiles with "naming: flat", which relays what is not listed',
    );
  const known = knownFrom(root.entries.get('servers')?.node);
  for (const [name, entry] of profiles.entries) {
    checkName(name, entry, problems);
    if (entry.node.kind === 'map') checkProfile(entry.node, known, problems);
  }
}

/** `undefined` where the servers cannot be read: then nothing is said about them here. */
function knownFrom(servers: Located | undefined): Known | undefined {
  if (servers?.kind !== 'map') return undefined;
  const tags = [...servers.entries.values()].flatMap(({ node }) =>
    node.kind === 'map' ? texts(node.entries.get('tags')?.node).map(({ value }) => value) : [],
  );
  return { servers: [...servers.entries.keys()], tags: [...new Set(tags)] };
}

/** The rule is explained at `ProfileDefinition.name`. */
function checkName(name: string, { keyAt, node }: LocatedEntry, problems: Findings): void {
  if (/^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/.test(name)) return;
  const rule = '1 to 32 of a-z, 0-9, "-" and "_", a letter or digit first and last';
  problems.add(keyAt, node.path, `this name cannot be part of a path: ${rule}`);
}

function checkProfile(profile: LocatedMap, known: Known | undefined, problems: Findings): void {
  const at = (key: string): Located | undefined => profile.entries.get(key)?.node;
  checkNotEmpty(at('servers'), 'it names no server; remove it where all are meant', problems);
  checkNotEmpty(at('tags'), 'it names no tag; remove it where all servers are meant', problems);
  if (known !== undefined) {
    checkKnown(texts(at('servers')), known.servers, ['there is no server', 'there is no such server'], problems);
    checkKnown(texts(at('tags')), known.tags, ['no server has the tag', 'no server has this tag'], problems);
  }
  const tools = at('tools');
  if (tools?.kind === 'map') {
    const include = tools.entries.get('include')?.node;
    const exclude = tools.entries.get('exclude')?.node;
    checkNotEmpty(include, 'it lets no tool in; remove it where all are meant', problems);
    for (const pattern of [...texts(include), ...texts(exclude)]) checkPattern(pattern, problems);
  }
  const given = checkRename(at('rename'), problems);
  for (const [name, entry] of entriesOf(at('describe'))) {
    checkToolName(name, entry.keyAt, entry.node, given, problems);
    if (entry.node.kind === 'map' && entry.node.entries.size === 0)
      problems.add(entry.keyAt, entry.node.path, 'neither "title" nor "description" is there');
  }
  for (const node of texts(at('pin'))) checkToolName(node.value, node.at, node, given, problems);
}

/** Returns the new names that were nobody's name before, and whose they are. */
function checkRename(rename: Located | undefined, problems: Findings): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const [name, { keyAt, node }] of entriesOf(rename)) {
    checkToolName(name, keyAt, node, undefined, problems);
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.broken) continue;
    const { value } = node;
    const earlier = given.get(value);
    if (!isToolName(value)) problems.add(node.at, node.path, `this cannot be the name of a tool: ${toolNameRule}`);
    else if (earlier === undefined) given.set(value, name);
    else problems.add(node.at, node.path, `this is already the new name of ${shown(earlier)}; names must differ`);
  }
  const before = new Set([...entriesOf(rename)].map(([name]) => name));
  return new Map([...given].filter(([name]) => !before.has(name)));
}

const toolNameRule = '1 to 64 of A-Z, a-z, 0-9, "-" and "_"';

function isToolName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name);
}

/** Tools go by the names that they have without the profile. */
function checkToolName(
  name: string,
  at: LocatedEntry['keyAt'],
  { path }: Located,
  given: ReadonlyMap<string, string> | undefined,
  problems: Findings,
): void {
  const renamed = given?.get(name);
  if (!isToolName(name)) problems.add(at, path, `this is no name of a tool: ${toolNameRule}`);
  else if (renamed !== undefined)
    problems.add(at, path, `this is the new name of ${shown(renamed)}; tools go by their names before "rename" here`);
}

function checkPattern({ value, at, path }: Text, problems: Findings): void {
  if (value.length <= maxPatternLength && /^[A-Za-z0-9_*-]+$/.test(value)) return;
  const rule = `at most ${maxPatternLength} of A-Z, a-z, 0-9, "-", "_", and "*" for any of them`;
  problems.add(at, path, `this is no pattern of names: ${rule}`);
}

/** `missing`: what is said where the name can be repeated, before it, and where it cannot. */
function checkKnown(
  named: readonly Text[],
  known: readonly string[],
  missing: readonly [shown: string, hidden: string],
  problems: Findings,
): void {
  for (const { value, at, path, resolved } of named) {
    if (known.includes(value)) continue;
    const meant = nearest(value, known);
    const what = resolved || !isPlainName(value) ? missing[1] : `${missing[0]} "${value}"`;
    problems.add(at, path, meant === undefined || !isPlainName(meant) ? what : `${what}; did you mean "${meant}"?`);
  }
}

function checkNotEmpty(node: Located | undefined, message: string, problems: Findings): void {
  if (node?.kind === 'list' && node.items.length === 0) problems.add(node.at, node.path, message);
}

type Text = LocatedScalar & { readonly value: string };

function texts(node: Located | undefined): readonly Text[] {
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((item): readonly Text[] =>
    item.kind === 'scalar' && !item.broken && typeof item.value === 'string' && item.value !== ''
      ? [{ ...item, value: item.value }]
      : [],
  );
}

function entriesOf(node: Located | undefined): Iterable<readonly [string, LocatedEntry]> {
  return node?.kind === 'map' ? node.entries : [];
}

/** A key, which is never a reference. */
function shown(name: string): string {
  return isPlainName(name) ? `"${name}"` : 'another';
}
