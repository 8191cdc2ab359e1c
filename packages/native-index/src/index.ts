// For users.
export type { ToolDocument } from './tool-document.ts';
export type {
  Explanation,
  Hit,
  IndexChange,
  MatchedTerm,
  ScoreParts,
  SearchFilter,
  SearchOptions,
  SearchResult,
  ToolIndex,
  ToolSummary,
  Upserted,
  WeighedFeature,
} from './tool-index.ts';
export type { Reranker, ToolIndexOptions, VectorIndexFactory } from './tool-index-options.ts';
export type { StaticEmbedderOptions } from './dense/static/static-embedder.ts';
export { staticEmbedder } from './dense/static/static-embedder.ts';
export { createToolIndex, loadToolIndex } from './create-tool-index.ts';
export type { ToolGraphOptions } from './graph/create-tool-graph.ts';
export { toolGraph } from './graph/create-tool-graph.ts';
export type { DrawnTool } from './graph/export-graph.ts';
export { toGraphJson, toGraphML } from './graph/export-graph.ts';
export type { TokenCounter } from './tokens/token-counter.ts';
export { createTokenCounter } from './tokens/token-counter.ts';

// For those who bring their own parts.
export type { PieceEmbedder, PieceVectors } from './late/piece-vectors.ts';
export type {
  CompletedTool,
  CompletionOptions,
  Edge,
  EdgeKind,
  RankedTool,
  ToolGraph,
  ToolGraphFactory,
} from './graph/tool-graph.ts';
export type { VectorIndexOptions } from './vectors/vector-index.ts';
export { vectorIndex } from './vectors/vector-index.ts';
export type { EndpointEmbedderOptions } from './dense/endpoint/endpoint-options.ts';
export { endpointEmbedder } from './dense/endpoint/endpoint-embedder.ts';
export type { TransformersEmbedderOptions } from './dense/transformers/transformers-embedder.ts';
export { transformersEmbedder } from './dense/transformers/transformers-embedder.ts';
