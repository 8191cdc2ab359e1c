import { damaged } from '../store/stored-index.ts';
import { pairsOf, type TraitIndex } from './trait-index.ts';
import type { SavedUses, UsedEdges } from './used-edges.ts';

type SavedTraits = readonly (readonly [phrase: number, bits: number])[];
type SavedTool = readonly [
  id: string,
  server: string,
  name: string,
  offers: SavedTraits,
  needs: SavedTraits,
  dependsOn: readonly string[],
];

export function writeGraph(
  index: TraitIndex,
  dependsOn: ReadonlyMap<string, readonly string[]>,
  used: UsedEdges,
): readonly Uint8Array[] {
  const tools: SavedTool[] = [];
  for (const slot of index.slots()) {
    const node = index.node(slot);
    if (node === undefined) continue;
    tools.push([
      node.id,
      node.server,
      node.name,
      pairsOf(index.offers, slot),
      pairsOf(index.needs, slot),
      dependsOn.get(node.id) ?? [],
    ]);
  }
  return [index.phrases.save(), tools, used.save()].map((part) => new TextEncoder().encode(JSON.stringify(part)));
}

/** Throws `INDEX_INVALID`. */
export function readGraph(
  sections: readonly Uint8Array[],
  index: TraitIndex,
  dependsOn: Map<string, readonly string[]>,
  used: UsedEdges,
): void {
  const [phrases, tools, uses] = sections.map(parse);
  if (!isListOf(phrases, isText) || !isListOf(tools, isTool) || !isListOf(uses, isUses))
    throw damaged('a part of the graph is not what it should be');
  for (const [id, server, name, offers, needs, depends] of tools) {
    index.put({ id, server, name }, { offers: traits(offers, phrases), needs: traits(needs, phrases) });
    if (depends.length > 0) dependsOn.set(id, depends);
  }
  used.restore(uses);
}

function traits(saved: SavedTraits, phrases: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    saved.map(([phrase, bits]) => {
      const text = phrases[phrase];
      if (text === undefined) throw damaged('the graph points outside');
      return [text, bits];
    }),
  );
}

function parse(section: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(section));
  } catch (error) {
    throw damaged('a part of the graph is not what it should be', error);
  }
}

function isTool(value: unknown): value is SavedTool {
  return (
    Array.isArray(value) &&
    value.slice(0, 3).every(isText) &&
    isListOf(value[3], isPair) &&
    isListOf(value[4], isPair) &&
    isListOf(value[5], isText)
  );
}

function isUses(value: unknown): value is SavedUses[number] {
  return (
    Array.isArray(value) && isText(value[0]) && isCount(value[1]) && isCount(value[2]) && isListOf(value[3], isBeside)
  );
}

function isBeside(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && isText(value[0]) && isCount(value[1]);
}

function isPair(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && Number.isInteger(value[0]) && Number.isInteger(value[1]);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isListOf<T>(value: unknown, is: (member: unknown) => member is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}
