import { checkNumbers, countOf, type Embedder } from '@toolyard/protocol';
import { DensePart } from './dense/dense-part.ts';
import { EmbeddingCache } from './dense/embedding-cache.ts';
import { toolGraph } from './graph/create-tool-graph.ts';
import type { ToolGraph } from './graph/tool-graph.ts';
import { piecesOf } from './late/piece-vectors.ts';
import { ToolPieces } from './late/tool-pieces.ts';
import { LexicalIndex } from './lexical/lexical-index.ts';
import { damaged } from './store/stored-index.ts';
import { readParts } from './store/save-parts.ts';
import { Slots } from './store/slots.ts';
import { createTermReader } from './text/term-reader.ts';
import type { ToolIndex } from './tool-index.ts';
import type { ToolIndexOptions } from './tool-index-options.ts';
import { toolIndexOf } from './tool-index-of.ts';
import { vectorIndex } from './vectors/vector-index.ts';

const rememberedVectors = 1024;
const rules = { rerankCandidates: countOf('tools', 1, 1_000), maxRememberedVectors: countOf('vectors', 0) };

/** An empty index. Rejects with what `options.vectors` rejects with, and with `CONFIG_INVALID` for numbers that would not do. */
export async function createToolIndex(options: ToolIndexOptions): Promise<ToolIndex> {
  checkNumbers('a tool index', options, rules);
  const { embedder } = options;
  return toolIndexOf(
    {
      slots: new Slots(),
      lexical: new LexicalIndex(),
      dense: embedder === null ? undefined : await densePart(embedder, {}, options),
      graph: graphFor(options),
      reader: createTermReader(),
    },
    options,
  );
}

/**
 * The index that `save` gave, without reading or embedding a tool again. Rejects with `INDEX_INVALID` when it is damaged, or its vectors were made by
 * another embedder than `options.embedder`; without one, they are left aside. Read it only from a place that nobody else writes to.
 */
export async function loadToolIndex(saved: Uint8Array, options: ToolIndexOptions): Promise<ToolIndex> {
  checkNumbers('a tool index', options, rules);
  const { embedder } = options;
  const { slots, lexical, embedder: made, vectors, headlines, pieces, remembered, graph } = readParts(saved);
  const restored = graphFor(options, graph);
  let dense: DensePart | undefined;
  if (embedder !== null) {
    if (
      made?.id !== embedder.id ||
      made.dimension !== embedder.dimension ||
      vectors === undefined ||
      headlines === undefined
    )
      throw damaged(`its vectors were made by ${made?.id ?? 'no embedder'}, not by ${embedder.id}`);
    dense = await densePart(embedder, { vectors, headlines, pieces: { saved: pieces, slots: slots.bound } }, options);
    for (const [key, vector] of remembered) dense.cache.restore(key, vector);
  }
  return toolIndexOf({ slots, lexical, dense, graph: restored, reader: createTermReader() }, options);
}

function graphFor({ graph = toolGraph() }: ToolIndexOptions, saved?: Uint8Array): ToolGraph | undefined {
  return graph?.(saved);
}

async function densePart(
  embedder: Embedder,
  saved: { readonly vectors?: Uint8Array; readonly headlines?: Uint8Array; readonly pieces?: SavedPieces },
  { vectors = vectorIndex, maxRememberedVectors = rememberedVectors }: ToolIndexOptions,
): Promise<DensePart> {
  const { dimension } = embedder;
  const pieces = toolPieces(embedder, saved.pieces);
  const whole = await vectors({ dimension, ...(saved.vectors && { saved: saved.vectors }) });
  try {
    const headlines = await vectors({ dimension, ...(saved.headlines && { saved: saved.headlines }) });
    return new DensePart(embedder, whole, headlines, new EmbeddingCache(maxRememberedVectors), pieces);
  } catch (error) {
    whole.close();
    throw error;
  }
}

interface SavedPieces {
  readonly saved: Uint8Array | undefined;
  readonly slots: number;
}

function toolPieces(embedder: Embedder, given: SavedPieces | undefined): ToolPieces | undefined {
  const vectors = piecesOf(embedder);
  if (vectors === undefined) return undefined;
  if (given === undefined) return new ToolPieces(vectors);
  if (given.saved === undefined) throw damaged(`it lacks the pieces of ${embedder.id}`);
  try {
    return ToolPieces.restore(vectors, given.saved, given.slots);
  } catch (error) {
    throw error instanceof RangeError ? damaged(error.message, error) : error;
  }
}
