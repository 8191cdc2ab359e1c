import type { ConfigProblem, Service } from '@toolyard/protocol';

import { Findings } from '../document/findings.ts';
import {
  isPlainName,
  located,
  nowhere,
  type LocatedEntry,
  type LocatedMap,
  type PathSegment,
} from '../document/located.ts';
import { checkDocument } from '../rules/check-document.ts';
import { knownKeys } from '../rules/document-shape.ts';
import { adviceOn } from '../rules/explain.ts';
import { serverIdRule } from '../rules/server-id.ts';
import { buildDefinition } from './build.ts';
import { freeze } from './freeze.ts';
import type { ServerDefinition, ServerTarget, ServiceTarget } from './server-definition.ts';

/** A server as code may define it: at a place, or a function of this process. */
export interface CheckedDefinition extends Omit<ServerDefinition, 'target'> {
  readonly target: ServerTarget | ServiceTarget;
}

export interface ReadDefinitionOptions {
  /** Where it stands, for problems, such as `['servers', 'files']`. */
  readonly path: readonly (string | number)[];
  /** Whether it may be a function of this process. */
  readonly services: boolean;
}

/** `definition` where there are no problems. */
export interface ReadDefinition {
  readonly definition: CheckedDefinition | undefined;
  readonly problems: readonly ConfigProblem[];
}

/** What of a definition stands in its `target`. */
const targetKeys: readonly string[] = ['url', 'urls', 'headers', 'start', ...knownKeys.start];
const besideTarget: readonly string[] = knownKeys.server.filter((key) => !targetKeys.includes(key));

/**
 * Reads a definition that comes from code, by the rules of the file: `target` has what says where the server is, and `auth` becomes a header of it. What it
 * gives is a frozen copy with what is left out filled in, so that nothing that changes later changes it.
 */
export function readDefinition(given: unknown, { path, services }: ReadDefinitionOptions): ReadDefinition {
  const problems = new Findings();
  if (!isMapping(given)) {
    problems.add(nowhere, path, `found ${kindOf(given)}; expected a definition, an object with "id" and "target"`);
    return { definition: undefined, problems: problems.all() };
  }
  const { id, target, ...rest } = given;
  if (typeof id !== 'string') problems.add(nowhere, [...path, 'id'], `found ${kindOf(id)}; expected ${serverIdRule}`);
  const found = services && isMapping(target) ? target['service'] : undefined;
  const service = isService(found) ? found : undefined;
  const place = readPlace(target, service !== undefined, [...path, 'target'], services, problems);
  const entries = new Map([...readFields(rest, path, problems), ...(place ?? [])]);
  if (service !== undefined && entries.has('auth'))
    problems.add(nowhere, [...path, 'auth'], '"auth" belongs to a URL; a function of this process needs none');
  const key = typeof id === 'string' ? id : 'unnamed';
  const where = service === undefined && place !== undefined ? 'fields' : 'elsewhere';
  const document = checkDocument(
    mapOf('servers', mapOf(key, { kind: 'map', at: nowhere, path, entries })),
    problems,
    where,
  );
  const shape = document?.servers[key];
  if (shape === undefined || problems.any) return { definition: undefined, problems: problems.all() };
  const built = buildDefinition(key, shape, undefined);
  return { definition: freeze(service === undefined ? built : { ...built, target: { service } }), problems: [] };
}

type Entries = ReadonlyMap<string, LocatedEntry>;

/** What stands beside the target. Unknown keys are reported, and left out. */
function readFields(rest: Mapping, path: readonly PathSegment[], problems: Findings): Entries {
  return known(rest, path, besideTarget, problems, (key) =>
    targetKeys.includes(key) ? `"${key}" belongs in "target"` : undefined,
  );
}

/** What a target says of its place; `undefined` where it is none. */
function readPlace(
  target: unknown,
  isService: boolean,
  path: readonly PathSegment[],
  services: boolean,
  problems: Findings,
): Entries | undefined {
  const expected = `an object with "url", "urls" or "command"${services ? ', or with "service", a function' : ''}`;
  if (!isMapping(target)) {
    const found = target === undefined ? '"target" is missing' : `found ${kindOf(target)}`;
    problems.add(nowhere, path, `${found}; expected ${expected}`);
    return undefined;
  }
  const { service, ...rest } = target;
  if (!isService && service !== undefined) {
    const advice = services ? 'expected a function' : 'a function of this process cannot be kept';
    problems.add(nowhere, [...path, 'service'], `found ${kindOf(service)}; ${advice}`);
    return undefined;
  }
  if (!isService)
    return known(rest, path, targetKeys, problems, (key) =>
      besideTarget.includes(key) ? `"${key}" stands beside "target"` : undefined,
    );
  return known(rest, path, [], problems, () => 'a "service" stands alone');
}

/** The members with known keys; the others are reported. */
function known(
  given: Mapping,
  path: readonly PathSegment[],
  keys: readonly string[],
  problems: Findings,
  rule: (key: string) => string | undefined,
): Entries {
  const node = located(given, path);
  if (node.kind !== 'map') return new Map();
  const strange = [...node.entries.keys()].filter((key) => !keys.includes(key));
  for (const key of strange) {
    const named = isPlainName(key) ? `unknown key "${key}"` : 'an unknown key';
    problems.add(nowhere, [...path, key], rule(key) ?? `${named}; ${adviceOn(key, keys)}`);
  }
  return new Map([...node.entries].filter(([key]) => keys.includes(key)));
}

type Mapping = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isService(value: unknown): value is Service {
  return typeof value === 'function';
}

function mapOf(key: string, node: LocatedMap): LocatedMap {
  return { kind: 'map', at: nowhere, path: [], entries: new Map([[key, { keyAt: nowhere, node }]]) };
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return kinds.get(typeof value) ?? 'an object';
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['boolean', 'a boolean'],
  ['function', 'a function'],
]);
