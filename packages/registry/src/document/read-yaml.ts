import { isAlias, isMap, isScalar, isSeq, LineCounter, type Document, type Node, parseDocument } from 'yaml';

import type { Findings } from './findings.ts';
import { isPlainName, type Located, type LocatedEntry, type PathSegment, type Position } from './located.ts';
import { type Environment, expand } from './references.ts';
import { yamlMistake } from './yaml-mistakes.ts';

/** Largest file that is read, 1 MiB: a definition takes some 200 bytes. */
export const maxFileBytes = 1_048_576;
/** Values of a document with its aliases written out. */
const maxValues = 50_000;
const maxDepth = 32;

/** Reads one YAML 1.2 document. Resolves aliases and references; `undefined` when there is nothing to go on with. */
export function readYaml(text: string, environment: Environment, problems: Findings): Located | undefined {
  const start: Position = { line: 1, column: 1 };
  if (Buffer.byteLength(text) > maxFileBytes) {
    problems.add(start, [], `the file is larger than ${maxFileBytes} bytes (1 MiB)`);
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(text.startsWith('\uFEFF') ? text.slice(1) : text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? start : { line, column: col };
  };
  const seen = new Set<number>();
  for (const fault of [...document.errors, ...document.warnings]) {
    const at = place(fault.pos[0]);
    // The parser goes on after an error, and what follows on the same line is mostly an echo of it.
    if (seen.has(at.line)) continue;
    seen.add(at.line);
    problems.add(at, [], yamlMistake(fault.code));
  }
  if (document.errors.length > 0) return undefined;
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    problems.add(start, [], 'the file is empty; it wants a mapping with "servers"');
    return undefined;
  }
  return new Walk(document, place, environment, problems).node(document.contents, []);
}

/** Turns the parser's tree into ours; bounded, because aliases can make a small file endless. */
class Walk {
  #values = 0;

  constructor(
    readonly document: Document,
    readonly place: (offset: number) => Position,
    readonly environment: Environment,
    readonly problems: Findings,
  ) {}

  node(node: Node, path: readonly PathSegment[], depth = 0): Located | undefined {
    const at = this.place(node.range?.[0] ?? 0);
    this.#values += 1;
    if (this.#values > maxValues) {
      if (this.#values === maxValues + 1)
        this.problems.add(at, path, `the file has more than ${maxValues} values once its aliases are written out`);
      return undefined;
    }
    if (depth > maxDepth) {
      this.problems.add(at, path, `this is nested more than ${maxDepth} levels deep`);
      return undefined;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.document);
      if (target !== undefined) return this.node(target, path, depth + 1);
      this.problems.add(at, path, yamlMistake('BAD_ALIAS'));
      return undefined;
    }
    if (isScalar(node)) return this.#scalar(node.value, node.source, at, path);
    if (isSeq<Node>(node)) {
      const items: Located[] = [];
      for (const [index, item] of node.items.entries()) {
        const located = this.node(item, [...path, index], depth + 1);
        if (located === undefined) return undefined;
        items.push(located);
      }
      return { kind: 'list', at, path, items };
    }
    if (isMap<Node, Node | null>(node)) return this.#map(node.items, at, path, depth);
    return undefined;
  }

  #map(
    pairs: readonly { key: Node; value: Node | null }[],
    at: Position,
    path: readonly PathSegment[],
    depth: number,
  ): Located | undefined {
    const entries = new Map<string, LocatedEntry>();
    for (const { key, value } of pairs) {
      const keyAt = this.place(key.range?.[0] ?? 0);
      const name = isScalar(key) ? (typeof key.value === 'string' ? key.value : (key.source ?? '')) : undefined;
      if (name === undefined || name === '') {
        this.problems.add(keyAt, path, 'a key must be text');
        continue;
      }
      if (name === '__proto__') {
        this.problems.add(keyAt, path, 'a key cannot be called "__proto__"');
        continue;
      }
      const earlier = entries.get(name);
      if (earlier !== undefined) {
        const shown = isPlainName(name) ? `"${name}"` : 'this key';
        this.problems.add(
          keyAt,
          [...path, name],
          `${shown} was already given in line ${earlier.keyAt.line}; keep one of them`,
        );
        continue;
      }
      const inner = [...path, name];
      const node: Located | undefined =
        value === null
          ? { kind: 'scalar', at: keyAt, path: inner, value: null, source: '', resolved: false, broken: false }
          : this.node(value, inner, depth + 1);
      if (node === undefined) return undefined;
      entries.set(name, { keyAt, node });
    }
    return { kind: 'map', at, path, entries };
  }

  #scalar(value: unknown, written: string | undefined, at: Position, path: readonly PathSegment[]): Located {
    const source = written ?? '';
    if (typeof value === 'string') {
      const { text, resolved, mistakes } = expand(value, this.environment);
      for (const mistake of mistakes) this.problems.add(at, path, mistake);
      return { kind: 'scalar', at, path, value: text, source, resolved, broken: mistakes.length > 0 };
    }
    const known = typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return { kind: 'scalar', at, path, value: known, source, resolved: false, broken: false };
  }
}
