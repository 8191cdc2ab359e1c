import type { EmbeddingCache } from '../dense/embedding-cache.ts';
import { fieldCount } from '../lexical/fields.ts';
import { LexicalIndex } from '../lexical/lexical-index.ts';
import { PairLists } from '../lexical/pair-lists.ts';
import { Vocabulary } from '../lexical/vocabulary.ts';
import { type Entry, Slots } from './slots.ts';
import { damaged, decodeSections, encodeSections } from './stored-index.ts';

/** What is read back from a saved index. */
export interface SavedParts {
  readonly slots: Slots;
  readonly lexical: LexicalIndex;
  /** Id and dimension of the embedder that made the vectors; `undefined` for an index of words alone. */
  readonly embedder: { readonly id: string; readonly dimension: number } | undefined;
  readonly vectors: Uint8Array | undefined;
  readonly headlines: Uint8Array | undefined;
  readonly remembered: readonly (readonly [key: string, vector: Int8Array])[];
  readonly graph: Uint8Array | undefined;
}

export interface PartsToSave {
  readonly slots: Slots;
  readonly lexical: LexicalIndex;
  readonly embedder: SavedParts['embedder'];
  readonly vectors: Uint8Array | undefined;
  readonly headlines: Uint8Array | undefined;
  readonly cache: EmbeddingCache | undefined;
  readonly graph: Uint8Array | undefined;
}

interface Meta {
  readonly embedder: SavedParts['embedder'] | null;
  readonly vectors: boolean;
  readonly graph: boolean;
  readonly remembered: readonly string[];
}

export function saveParts({ slots, lexical, embedder, vectors, headlines, cache, graph }: PartsToSave): Uint8Array {
  const remembered = cache?.entries() ?? [];
  const meta: Meta = {
    embedder: embedder ?? null,
    vectors: vectors !== undefined,
    graph: graph !== undefined,
    remembered: remembered.map(([key]) => key),
  };
  return encodeSections([
    json(meta),
    json(slots.save()),
    json(lexical.vocabulary.save()),
    ...lexical.tools.save(lexical.vocabulary.bound).map(asBytes),
    ...lexical.terms.save(slots.bound).map(asBytes),
    asBytes(lexical.lengths.slice(0, slots.bound * fieldCount)),
    joined(remembered.map(([, vector]) => vector)),
    vectors ?? new Uint8Array(),
    headlines ?? new Uint8Array(),
    graph ?? new Uint8Array(),
  ]);
}

/** Throws `INDEX_INVALID`. */
export function readParts(bytes: Uint8Array): SavedParts {
  const [
    meta,
    entries,
    terms,
    toolLengths,
    toolPairs,
    termLengths,
    termPairs,
    lengths,
    remembered,
    vectors,
    headlines,
    graph,
  ] = decodeSections(bytes);
  if (graph === undefined) throw damaged('a section is missing');
  // What the checksum has passed is what `saveParts` wrote; the shapes below are checked where they would lead out of bounds.
  const { embedder, ...about } = parse(meta) as Meta;
  const slots = Slots.restore(parse(entries) as readonly (Entry | null)[]);
  const vocabulary = Vocabulary.restore(parse(terms) as readonly string[]);
  const dimension = embedder?.dimension ?? 0;
  if ((remembered?.length ?? 0) !== about.remembered.length * dimension)
    throw damaged('the remembered vectors are incomplete');
  if ((lengths?.length ?? 0) !== slots.bound * fieldCount * 2) throw damaged('the lengths are incomplete');
  return {
    slots,
    lexical: new LexicalIndex(
      vocabulary,
      readLists(toolLengths, toolPairs, vocabulary.bound, slots.bound),
      readLists(termLengths, termPairs, slots.bound, vocabulary.bound),
      new Uint16Array(lengths?.buffer ?? new ArrayBuffer()),
    ),
    embedder: embedder ?? undefined,
    vectors: about.vectors ? vectors : undefined,
    headlines: about.vectors ? headlines : undefined,
    remembered: about.remembered.map((key, at) => [
      key,
      new Int8Array(remembered?.buffer ?? new ArrayBuffer(), at * dimension, dimension),
    ]),
    graph: about.graph ? graph : undefined,
  };
}

function readLists(
  lengthBytes: Uint8Array | undefined,
  pairBytes: Uint8Array | undefined,
  lists: number,
  keys: number,
): PairLists {
  if (lengthBytes?.length !== lists * 4 || pairBytes === undefined || pairBytes.length % 8 !== 0)
    throw damaged('a list is incomplete');
  const lengths = new Uint32Array(lengthBytes.buffer);
  const pairs = new Uint32Array(pairBytes.buffer);
  if (lengths.reduce((sum, length) => sum + length, 0) * 2 !== pairs.length) throw damaged('a list is incomplete');
  for (let at = 0; at < pairs.length; at += 2) if ((pairs[at] ?? 0) >= keys) throw damaged('a list points outside');
  return PairLists.restore(lengths, pairs);
}

function parse(bytes: Uint8Array | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw damaged('a section is not what it should be', error);
  }
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function asBytes(numbers: Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function joined(vectors: readonly Int8Array[]): Uint8Array {
  const bytes = new Uint8Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const vector of vectors) {
    bytes.set(vector, at);
    at += vector.length;
  }
  return bytes;
}
