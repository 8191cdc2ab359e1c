import type { EmbeddingCache } from '../dense/embedding-cache.ts';
import { CountMarks } from '../lexical/count-marks.ts';
import { FieldLengths } from '../lexical/field-lengths.ts';
import { fieldCount } from '../lexical/fields.ts';
import { LexicalIndex } from '../lexical/lexical-index.ts';
import { Vocabulary } from '../lexical/vocabulary.ts';
import { bytesOf, encodeJson, numbersOf, parseJson } from './section-values.ts';
import { type SavedSlots, Slots } from './slots.ts';
import { damaged, decodeSections, encodeSections } from './stored-index.ts';

/** What is read back from a saved index. */
export interface SavedParts {
  readonly slots: Slots;
  readonly lexical: LexicalIndex;
  /** Id and dimension of the embedder that made the vectors; `undefined` for an index of words alone. */
  readonly embedder: { readonly id: string; readonly dimension: number } | undefined;
  readonly vectors: Uint8Array | undefined;
  readonly headlines: Uint8Array | undefined;
  /** `undefined` where the embedder did not know its pieces. */
  readonly pieces: Uint8Array | undefined;
  readonly remembered: readonly (readonly [key: string, vector: Int8Array])[];
  readonly graph: Uint8Array | undefined;
}

export interface PartsToSave {
  readonly slots: Slots;
  readonly lexical: LexicalIndex;
  readonly embedder: SavedParts['embedder'];
  readonly vectors: Uint8Array | undefined;
  readonly headlines: Uint8Array | undefined;
  readonly pieces: Uint8Array | undefined;
  readonly cache: EmbeddingCache | undefined;
  readonly graph: Uint8Array | undefined;
}

interface Meta extends Pick<SavedSlots, 'ids' | 'names' | 'servers' | 'labels'> {
  readonly embedder: SavedParts['embedder'] | null;
  readonly vectors: boolean;
  readonly pieces: boolean;
  readonly graph: boolean;
  readonly remembered: readonly string[];
  /** By number; an empty string stands for a free one. */
  readonly terms: readonly string[];
}

export function saveParts(parts: PartsToSave): Uint8Array {
  const { slots, lexical, embedder, vectors, headlines, pieces, cache, graph } = parts;
  const remembered = cache?.entries() ?? [];
  const { ids, names, servers, labels, serverOf, hashes, textKeys } = slots.save();
  const meta: Meta = {
    embedder: embedder ?? null,
    vectors: vectors !== undefined,
    pieces: pieces !== undefined,
    graph: graph !== undefined,
    remembered: remembered.map(([key]) => key),
    terms: lexical.vocabulary.save(),
    ids,
    names,
    servers,
    labels,
  };
  return encodeSections([
    encodeJson(meta),
    bytesOf(serverOf),
    hashes,
    textKeys,
    bytesOf(lexical.marks.save()),
    lexical.saveTerms(slots.bound),
    bytesOf(lexical.countAllTools()),
    bytesOf(lexical.lengths.save(slots.bound)),
    joined(remembered.map(([, vector]) => vector)),
    vectors ?? none,
    headlines ?? none,
    graph ?? none,
    pieces ?? none,
  ]);
}

/** Throws `INDEX_INVALID`. */
export function readParts(bytes: Uint8Array): SavedParts {
  const sections = decodeSections(bytes);
  if (sections.length !== 13) throw damaged('a section is missing');
  const section = (at: number): Uint8Array => sections[at] ?? none;
  // What the checksum has passed is what `saveParts` wrote; the shapes below are checked where they would lead out of bounds.
  const meta = parseJson(section(0)) as Meta;
  const dimension = meta.embedder?.dimension ?? 0;
  const remembered = section(8);
  if (remembered.length !== meta.remembered.length * dimension) throw damaged('the remembered vectors are incomplete');
  const lengths = numbersOf(section(7), Uint16Array);
  if (lengths.length !== meta.ids.length * fieldCount) throw damaged('the lengths are incomplete');
  try {
    return {
      slots: Slots.restore({
        ...meta,
        serverOf: numbersOf(section(1), Uint32Array),
        hashes: section(2),
        textKeys: section(3),
      }),
      lexical: LexicalIndex.restore(
        Vocabulary.restore(meta.terms),
        new CountMarks(numbersOf(section(4), Uint32Array)),
        section(5),
        numbersOf(section(6), Uint32Array),
        FieldLengths.restore(lengths),
        meta.ids.length,
      ),
      embedder: meta.embedder ?? undefined,
      vectors: meta.vectors ? section(9) : undefined,
      headlines: meta.vectors ? section(10) : undefined,
      pieces: meta.pieces ? section(12) : undefined,
      remembered: meta.remembered.map((key, at) => [
        key,
        new Int8Array(remembered.buffer, remembered.byteOffset + at * dimension, dimension),
      ]),
      graph: meta.graph ? section(11) : undefined,
    };
  } catch (error) {
    throw error instanceof RangeError ? damaged(error.message, error) : error;
  }
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

const none = new Uint8Array();
