import { bytesOf, encodeJson, numbersOf, parseJson } from '../store/section-values.ts';
import { damaged } from '../store/stored-index.ts';
import { TraitIndex } from './trait-index.ts';
import type { SavedUses, UsedEdges } from './used-edges.ts';

type SavedDepends = readonly (readonly [id: string, dependsOn: readonly string[]])[];

export function writeGraph(
  index: TraitIndex,
  dependsOn: ReadonlyMap<string, readonly string[]>,
  used: UsedEdges,
): readonly Uint8Array[] {
  const { ids, names, servers, phrases, serverOf, needs, offers } = index.save();
  const depends: SavedDepends = [...dependsOn];
  return [...[ids, names, servers, phrases, depends, used.save()].map(encodeJson), bytesOf(serverOf), needs, offers];
}

/** Throws `INDEX_INVALID`. */
export function readGraph(
  sections: readonly Uint8Array[],
  dependsOn: Map<string, readonly string[]>,
  used: UsedEdges,
): TraitIndex {
  const [ids, names, servers, phrases, depends, uses] = sections.slice(0, 6).map(parseJson);
  const [serverOf, needs, offers] = sections.slice(6);
  if (
    !isListOf(ids, isText) ||
    !isListOf(names, isText) ||
    !isListOf(servers, isText) ||
    !isListOf(phrases, isText) ||
    !isListOf(depends, isDepends) ||
    !isListOf(uses, isUses) ||
    serverOf === undefined ||
    needs === undefined ||
    offers === undefined
  )
    throw damaged('a part of the graph is not what it should be');
  for (const [id, to] of depends) dependsOn.set(id, to);
  used.restore(uses);
  try {
    return TraitIndex.restore({
      ids,
      names,
      servers,
      phrases,
      serverOf: numbersOf(serverOf, Uint32Array),
      needs,
      offers,
    });
  } catch (error) {
    throw error instanceof RangeError ? damaged(`in the graph, ${error.message}`, error) : error;
  }
}

function isDepends(value: unknown): value is SavedDepends[number] {
  return Array.isArray(value) && isText(value[0]) && isListOf(value[1], isText);
}

function isUses(value: unknown): value is SavedUses[number] {
  return (
    Array.isArray(value) && isText(value[0]) && isCount(value[1]) && isCount(value[2]) && isListOf(value[3], isBeside)
  );
}

function isBeside(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && isText(value[0]) && isCount(value[1]);
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
