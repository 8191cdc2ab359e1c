import type { z } from 'zod';

import type { Findings } from '../document/findings.ts';
import { find, isPlainName, type Located, type LocatedScalar } from '../document/located.ts';
import { knownKeys } from './document-shape.ts';
import { nearest } from './nearest.ts';

/** Puts what the shape found wrong into sentences: what stands there, and what would be right. */
export function explain(issues: readonly z.core.$ZodIssue[], root: Located, problems: Findings): void {
  for (const issue of issues) {
    const { node, at, exact } = find(root, issue.path);
    if (node.kind === 'scalar' && node.broken) continue;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) unknownKey(key, node, issue.path, problems);
    } else if (exact) {
      problems.add(at, node.path, `found ${shown(node, issue.path)}; expected ${issue.message}`);
    } else {
      const missing = String(issue.path.at(-1));
      problems.add(at, [...node.path, missing], `"${missing}" is missing; expected ${issue.message}`);
    }
  }
}

function unknownKey(key: string, parent: Located, path: readonly PropertyKey[], problems: Findings): void {
  const known = keysAt(path);
  const place = parent.kind === 'map' ? parent.entries.get(key)?.keyAt : undefined;
  // In `auth` even a key may be a misplaced secret, so it is repeated only where it resembles a known one.
  const showable = isPlainName(key) && (nearest(key, known) !== undefined || !isSecret(path));
  const what = showable ? `unknown key "${key}"` : 'an unknown key';
  problems.add(place ?? parent.at, showable ? [...parent.path, key] : parent.path, `${what}; ${adviceOn(key, known)}`);
}

/** What was meant by a key that is not known, or could have been. */
export function adviceOn(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`;
}

function keysAt(path: readonly PropertyKey[]): readonly string[] {
  if (path[0] === 'orchestration') return path.length > 1 ? knownKeys.backoff : knownKeys.orchestration;
  if (path[0] === 'cache') return knownKeys.cache;
  if (path.length < 2) return knownKeys.root;
  if (path[0] === 'profiles') return profileKeysAt(path[2]);
  if (path[2] === 'auth') return knownKeys.auth;
  if (path[2] === 'instances') return knownKeys.instances;
  if (path[2] === 'calls') return callKeysAt(path[3]);
  if (path[2] === 'health') return knownKeys.health;
  if (path[2] === 'breaker') return knownKeys.breaker;
  if (path[2] === 'cache') return knownKeys.cacheRules;
  if (path[2] === 'restart') return knownKeys.restart;
  if (path[2] === 'limits' || (path[2] === 'start' && path[3] === 'limits')) return knownKeys.limits;
  return path[2] === 'start' ? knownKeys.start : knownKeys.server;
}

function callKeysAt(field: PropertyKey | undefined): readonly string[] {
  if (field === 'hedge') return knownKeys.hedge;
  return field === 'retry' ? knownKeys.retry : knownKeys.calls;
}

function profileKeysAt(field: PropertyKey | undefined): readonly string[] {
  if (field === 'tools') return knownKeys.patterns;
  return field === 'describe' ? knownKeys.wording : knownKeys.profile;
}

/** Fields whose values are never repeated in a message. */
const secretFields: ReadonlySet<PropertyKey> = new Set([
  'headers',
  'auth',
  'env',
  'args',
  'url',
  'urls',
  'command',
  'start',
  'secret',
  'redis',
]);

function isSecret(path: readonly PropertyKey[]): boolean {
  return path.some((segment) => secretFields.has(segment));
}

/** What stands there, by its value only where it can be no secret. */
function shown(node: Located, path: readonly PropertyKey[]): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return node.entries.size === 0 ? 'an empty mapping' : 'a mapping';
  if (node.resolved) return node.value === '' ? 'an empty text (from a reference)' : 'another text (from a reference)';
  if (node.value === null) return 'nothing';
  if (node.value === '') return 'an empty text';
  const kind = typeof node.value === 'string' ? 'text' : typeof node.value === 'number' ? 'number' : 'boolean';
  if (isSecret(path) || String(node.value).length > 40) return `a ${kind}`;
  return typeof node.value === 'string' ? `the text ${JSON.stringify(node.value)}` : node.source;
}

/**
 * What a scalar of the wrong type was meant to be, where that is beyond doubt: a number or boolean that came as text from a reference,
 * or a number or boolean where only text can stand (arguments, variables, headers), which is then taken as it is written.
 */
export function meant(
  issue: z.core.$ZodIssue,
  root: Located,
): { node: LocatedScalar; value: string | number | boolean } | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const { node, exact } = find(root, issue.path);
  if (!exact || node.kind !== 'scalar' || node.broken) return undefined;
  const wanted: string = issue.expected;
  if (node.resolved && typeof node.value === 'string') {
    if (wanted === 'boolean' && /^(?:true|false)$/.test(node.value)) return { node, value: node.value === 'true' };
    if ((wanted === 'number' || wanted === 'int') && /^-?\d{1,15}$/.test(node.value))
      return { node, value: Number(node.value) };
  }
  const textOnly = issue.path.some((segment) => segment === 'env' || segment === 'args' || segment === 'headers');
  if (wanted === 'string' && textOnly && (typeof node.value === 'number' || typeof node.value === 'boolean')) {
    return { node, value: node.source };
  }
  return undefined;
}
