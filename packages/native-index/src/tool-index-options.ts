import type { Embedder, VectorIndex } from '@toolyard/protocol';
import type { ToolGraphFactory } from './graph/tool-graph.ts';
import type { Hit } from './tool-index.ts';

export interface ToolIndexOptions {
  /** What turns texts into vectors; stays its owner's to close. One with `pieces` (`PieceEmbedder`) ranks better. `null`: words alone. */
  readonly embedder: Embedder | null;
  /** Makes the index of the vectors. Default `vectorIndex` of this package. */
  readonly vectors?: VectorIndexFactory;
  /** Makes the graph that completes selections. Default `toolGraph()` of this package. `null`: none, and `expand` adds nothing. */
  readonly graph?: ToolGraphFactory | null;
  /** What a model would be shown of a tool, as text; asked only for `tokenBudget`. `undefined` for an id that it does not know: that tool is left out. */
  readonly definition?: (id: string) => string | undefined;
  readonly rerank?: Reranker;
  /** How many of the best `rerank` gets. Default 50, at most 1,000. */
  readonly rerankCandidates?: number;
  /** How many texts' vectors are remembered beside those in use, so that a tool that comes back is not embedded again. Default 1,024. */
  readonly maxRememberedVectors?: number;
}

/** `expected`: how many vectors are about to come, where that is known. */
export type VectorIndexFactory = (options: {
  readonly dimension: number;
  readonly expected?: number;
  readonly saved?: Uint8Array;
}) => Promise<VectorIndex>;

/**
 * Puts the best into another order: a cross-encoder, a language model. Answers with the ids that it keeps, best first, and scores from 0 to 1;
 * ids that it was not given are passed over. What it rejects with, the search rejects with.
 */
export type Reranker = (
  query: string,
  hits: readonly Hit[],
  options: { readonly signal?: AbortSignal },
) => Promise<readonly { readonly id: string; readonly score: number }[]>;
