/** From 1, as editors count; column in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type PathSegment = string | number;

/** A value of the document that still knows where it stands. */
export type Located = LocatedScalar | LocatedList | LocatedMap;

interface Place {
  readonly at: Position;
  /** Where in the document as its author wrote it, older names included. */
  readonly path: readonly PathSegment[];
}

export interface LocatedScalar extends Place {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, references unresolved. */
  readonly source: string;
  /** The value came, in whole or in part, from the environment. */
  readonly resolved: boolean;
  /** A problem was reported here already: say nothing more about it. */
  readonly broken: boolean;
}

export interface LocatedList extends Place {
  readonly kind: 'list';
  readonly items: readonly Located[];
}

export interface LocatedMap extends Place {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
  readonly keyAt: Position;
  readonly node: Located;
}

/** `servers.files.args[0]`; what is not a plain name is shown as `…`, so that a secret in a wrong place stays one. */
export function pathText(path: readonly PathSegment[]): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += `${text === '' ? '' : '.'}${isPlainName(segment) ? segment : '…'}`;
  }
  return text;
}

/** Whether a key may be repeated in a message. */
export function isPlainName(key: string): boolean {
  return /^[A-Za-z0-9_$.-]{1,64}$/.test(key);
}

/** The value alone. */
export function plain(node: Located): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plain);
    case 'map': {
      // `__proto__` never gets here: it is refused where the document is read.
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.node)]));
    }
  }
}

/** What stands at `path`, or the nearest thing above it. */
export function find(root: Located, path: readonly PropertyKey[]): { node: Located; at: Position; exact: boolean } {
  let node = root;
  let at = root.at;
  for (const segment of path) {
    const next = child(node, segment);
    if (next === undefined) return { node, at, exact: false };
    node = next.node;
    at = next.at;
  }
  return { node, at: node.kind === 'scalar' ? node.at : at, exact: true };
}

function child(node: Located, segment: PropertyKey): { node: Located; at: Position } | undefined {
  if (node.kind === 'list' && typeof segment === 'number') {
    const item = node.items[segment];
    return item && { node: item, at: item.at };
  }
  if (node.kind === 'map' && typeof segment === 'string') {
    const entry = node.entries.get(segment);
    return entry && { node: entry.node, at: entry.keyAt };
  }
  return undefined;
}

/** The scalar that a mapping has under `key`, unless a problem was reported there already. */
export function scalarIn(map: LocatedMap, key: string): LocatedScalar | undefined {
  const node = map.entries.get(key)?.node;
  return node?.kind === 'scalar' && !node.broken ? node : undefined;
}

/** More levels than anything that is right has. */
const maxDepth = 16;

/**
 * A value that stands in no document: its place has line and column 0. What is neither scalar, list nor mapping is nothing, and so is what contains itself or is too
 * deep; members that are `undefined` are left out.
 */
export function located(value: unknown, path: readonly PathSegment[] = []): Located {
  return locate(value, path, []);
}

function locate(value: unknown, path: readonly PathSegment[], above: readonly unknown[]): Located {
  const isEndless = above.length > maxDepth || above.includes(value);
  if (Array.isArray(value) && !isEndless) {
    const inside = [...above, value];
    return { kind: 'list', at: nowhere, path, items: value.map((item, at) => locate(item, [...path, at], inside)) };
  }
  if (typeof value === 'object' && value !== null && !isEndless) {
    const inside = [...above, value];
    const entries = Object.entries(value).flatMap(([key, member]): readonly (readonly [string, LocatedEntry])[] =>
      member === undefined ? [] : [[key, { keyAt: nowhere, node: locate(member, [...path, key], inside) }]],
    );
    return { kind: 'map', at: nowhere, path, entries: new Map(entries) };
  }
  const scalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  return { kind: 'scalar', at: nowhere, path, value: scalar, source: String(scalar), resolved: false, broken: false };
}

/** The place of what stands in no document. */
export const nowhere: Position = { line: 0, column: 0 };
