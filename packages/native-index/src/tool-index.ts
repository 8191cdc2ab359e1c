import type { Edge } from './graph/tool-graph.ts';
import type { ToolDocument } from './tool-document.ts';

/** Finds tools by what they do. One process, one index; calls may overlap. */
export interface ToolIndex extends AsyncDisposable {
  readonly size: number;
  /**
   * Takes tools in, or anew where the id is known and the content changed; the same content costs a hash. Later wins where an id comes twice.
   * Works in slices, so that the event loop is never held for long; a search meanwhile sees what is in so far.
   * Rejects with `TOOL_DOCUMENT_INVALID` before anything is taken in, and with what the embedder rejects with.
   */
  upsert(tools: readonly ToolDocument[], options?: { readonly signal?: AbortSignal }): Promise<Upserted>;
  /** Ids that are not there are passed over. Answers how many were. */
  remove(ids: Iterable<string>): number;
  has(id: string): boolean;
  /** All that are in, in no order. */
  tools(): Iterable<ToolSummary>;
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  /** Why a tool stands where it stands for a query; `undefined` when the id is unknown or the filter hides it. */
  explain(query: string, id: string, options?: SearchOptions): Promise<Explanation | undefined>;
  /** Tools that were called for one purpose, soon after one another: what `expand` learns from. Fades by half in `useHalfLifeMs`. */
  used(ids: readonly string[]): void;
  /** The graph as it is: all edges, for export and drawing. */
  edges(): Iterable<Edge>;
  /** All that is needed to go on elsewhere; what `loadToolIndex` reads. Not while `upsert` runs: it waits for it. */
  save(): Promise<Uint8Array>;
  /** Told after each change, with the ids. */
  onChange(listener: (change: IndexChange) => void): () => void;
  close(): Promise<void>;
}

export interface Upserted {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
}

export interface IndexChange {
  readonly upserted: readonly string[];
  readonly removed: readonly string[];
}

export interface SearchOptions {
  /** How many tools at most, those that the graph adds included. Default 10, at most 1,000. */
  readonly limit?: number;
  /** Leaves out what scores less. Scores are between 0 and 1 and comparable within one query. Default 0. */
  readonly minScore?: number;
  /**
   * The tools' definitions together cost at most this many tokens (o200k); the best that fit, in order. Needs `definition` of `ToolIndexOptions`,
   * which tells what a model would be shown; `INVALID_PARAMS` without it.
   */
  readonly tokenBudget?: number;
  readonly filter?: SearchFilter;
  /**
   * Whether the selection is completed along the graph. `declared`: only along `dependsOn`. Default `inferred`: all edges; what is not declared takes
   * no place of the first five, nor of the first half.
   */
  readonly expand?: 'none' | 'declared' | 'inferred';
  readonly signal?: AbortSignal;
}

/** What is filtered out takes no part in ranking: the result is as if it were not in the index. */
export interface SearchFilter {
  readonly servers?: readonly string[];
  readonly categories?: readonly string[];
  /** Tools with at least one of them. */
  readonly tags?: readonly string[];
  /** What the caller may see. Called once a tool, so it should be quick. */
  readonly allows?: (tool: ToolSummary) => boolean;
}

export interface ToolSummary {
  readonly id: string;
  readonly server: string;
  readonly name: string;
  readonly category: string | undefined;
  readonly tags: readonly string[];
}

export interface SearchResult {
  readonly hits: readonly Hit[];
  /** How many tools the filter left to rank. */
  readonly considered: number;
  /** Whether meaning took part: `off` without an embedder, `failed` when the embedder did not answer and words alone had to do. */
  readonly dense: 'used' | 'off' | 'failed';
}

export interface Hit {
  readonly id: string;
  readonly server: string;
  readonly score: number;
  readonly parts: ScoreParts;
  /** What the tool's definition costs a model, in o200k tokens; counted when `tokenBudget` is given. */
  readonly tokens: number | undefined;
  /** The hit along whose edge the graph brought this one in; `undefined` for what the query found. */
  readonly through: string | undefined;
}

/** What speaks for a tool, each between 0 and 1, before weighting. */
export interface ScoreParts {
  /** By words (BM25F), of what a tool could reach at most. */
  readonly lexical: number;
  /** By meaning: cosine. */
  readonly dense: number;
  /** How well its server fits, by words. */
  readonly server: number;
  /** How sure the graph is that it is needed. */
  readonly graph: number;
}

export interface Explanation extends Hit {
  /** Place in the ranking, from 1, before the graph completes it and before any re-ranking. */
  readonly rank: number;
  /** The query's words that the tool has, with the fields each stands in and what it added to `lexical`. */
  readonly terms: readonly MatchedTerm[];
  /**
   * All that the tool was judged by. `score` is the logistic function of the sum of value times weight, and of `bias`. The last, `compared`, is what the comparison with the other
   * tools among the best added; 0 for a tool that took no part in it.
   */
  readonly features: readonly WeighedFeature[];
  readonly bias: number;
}

export interface WeighedFeature {
  readonly name: string;
  /** About 0 to 1; of `compared`, any number. */
  readonly value: number;
  readonly weight: number;
}

export interface MatchedTerm {
  readonly term: string;
  /** The word of the query when the term is a correction of its spelling. */
  readonly typed: string | undefined;
  readonly fields: readonly string[];
  readonly score: number;
}
