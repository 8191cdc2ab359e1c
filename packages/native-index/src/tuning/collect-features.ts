import type { Embedder } from '@toolyard/protocol';
import { DensePart } from '../dense/dense-part.ts';
import { EmbeddingCache } from '../dense/embedding-cache.ts';
import type { LabelledQuery, LabelledSet } from '../evaluate/labelled-set.ts';
import { piecesOf } from '../late/piece-vectors.ts';
import { ToolPieces } from '../late/tool-pieces.ts';
import { LexicalIndex } from '../lexical/lexical-index.ts';
import { createRanker } from '../search/ranker.ts';
import { checkTool } from '../store/check-tool.ts';
import { Slots } from '../store/slots.ts';
import { takeIn } from '../store/tool-store.ts';
import { WaitingTools } from '../store/waiting-tools.ts';
import { segments } from '../text/segments.ts';
import { createTermReader } from '../text/term-reader.ts';
import { vectorIndex } from '../vectors/vector-index.ts';

/** The tools that were looked at closely for one query, each with what it is judged by. */
export interface JudgedQuery {
  readonly query: LabelledQuery;
  readonly segments: number;
  readonly tools: readonly string[];
  /** As many numbers a tool as there are `features`, in their order. */
  readonly features: Float64Array;
}

/** Runs the ranking up to the point where weights would be applied. `embedder: null`: words alone. */
export async function collectFeatures(set: LabelledSet, embedder: Embedder | null): Promise<readonly JudgedQuery[]> {
  const known = embedder === null ? undefined : piecesOf(embedder);
  const dense =
    embedder === null
      ? undefined
      : new DensePart(
          embedder,
          await vectorIndex({ dimension: embedder.dimension }),
          await vectorIndex({ dimension: embedder.dimension }),
          new EmbeddingCache(1),
          known && new ToolPieces(known),
        );
  const parts = {
    slots: new Slots(),
    lexical: new LexicalIndex(),
    dense,
    graph: undefined,
    reader: createTermReader(),
  };
  const waiting = new WaitingTools();
  for (const tool of set.tools) waiting.add(tool, checkTool(tool));
  await takeIn(waiting, parts, undefined, () => undefined);
  const ranker = createRanker(parts.lexical, parts.slots, parts.reader, dense);
  const judged: JudgedQuery[] = [];
  for (const query of set.queries) {
    const parted = segments(query.query);
    const vectors = await dense?.embedQuery([query.query, ...parted], undefined);
    const { candidates, rows } = ranker.rank({
      query: query.query,
      segments: parted,
      vectors: vectors && { whole: vectors[0], segments: vectors.slice(1) },
      allowed: undefined,
      limit: 10,
    });
    judged.push({
      query,
      segments: parted.length,
      tools: candidates.slots.map((slot) => parts.slots.id(slot)),
      features: rows,
    });
  }
  dense?.vectors.close();
  dense?.headlines.close();
  return judged;
}
