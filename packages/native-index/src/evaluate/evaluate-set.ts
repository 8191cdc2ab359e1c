import { createSlices } from '../store/slices.ts';
import type { SearchOptions, SearchResult } from '../tool-index.ts';
import { createTokenCounter } from '../tokens/token-counter.ts';
import type { ToolDocument } from '../tool-document.ts';
import type { LabelledSet } from './labelled-set.ts';
import { meanMetrics, type Metrics, scoreRanking } from './metrics.ts';

export interface EvaluateOptions {
  /** How a query is searched. Default: ten tools. */
  readonly search?: Omit<SearchOptions, 'signal'>;
  /** What a model would be shown of a tool. Default: name, description and input schema as JSON. */
  readonly definition?: (tool: ToolDocument) => string;
  /** Told of each ranking as it is made, labels or not. */
  readonly onRanking?: (ranking: QueryRanking) => void;
  readonly signal?: AbortSignal;
}

export interface QueryRanking {
  readonly id: string;
  readonly query: string;
  /** Ids, best first. */
  readonly ranked: readonly string[];
  readonly ms: number;
  /** `undefined` for a query without labels. */
  readonly metrics: Metrics | undefined;
}

/** What ranks the tools: a `ToolIndex`, or something to compare it with. */
export interface Searcher {
  search(
    query: string,
    options?: SearchOptions,
  ): Promise<Pick<SearchResult, 'dense'> & { readonly hits: readonly { readonly id: string }[] }>;
}

export interface Evaluation {
  /** Mean over the queries with labels; `undefined` when there are none. */
  readonly metrics: Metrics | undefined;
  readonly queries: number;
  readonly scored: number;
  /** Tokens (o200k) of all definitions, and of those selected for a query on average. */
  readonly tokens: { readonly all: number; readonly selected: number };
  /** Milliseconds a query. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Queries for which the embedder failed, so that words alone ranked. */
  readonly embedderFailures: number;
}

/**
 * Searches for each query of a set in an index that holds the set's tools, one after another, and gives way to other work meanwhile. Labels are looked at
 * after a ranking is made. Rejects with what the index rejects with, and with `CANCELLED`.
 */
export async function evaluateSet(
  set: LabelledSet,
  index: Searcher,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { signal, definition = asListed, onRanking } = options;
  const counter = createTokenCounter();
  const slices = createSlices(signal);
  const costs = new Map<string, number>();
  for (const tool of set.tools) {
    costs.set(tool.id, await counter.count(definition(tool)));
    await slices.rest();
  }
  const all: Metrics[] = [];
  const times: number[] = [];
  let selected = 0;
  let embedderFailures = 0;
  for (const labelled of set.queries) {
    await slices.rest();
    const start = performance.now();
    const { hits, dense } = await index.search(labelled.query, { ...options.search, ...(signal && { signal }) });
    const ms = performance.now() - start;
    const ranked = hits.map(({ id }) => id);
    const metrics = scoreRanking(labelled, ranked);
    times.push(ms);
    if (dense === 'failed') embedderFailures += 1;
    if (metrics !== undefined) all.push(metrics);
    for (const id of ranked) selected += costs.get(id) ?? 0;
    onRanking?.({ id: labelled.id, query: labelled.query, ranked, ms, metrics });
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    metrics: meanMetrics(all),
    queries: set.queries.length,
    scored: all.length,
    tokens: {
      all: [...costs.values()].reduce((sum, cost) => sum + cost, 0),
      selected: selected / (set.queries.length || 1),
    },
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    embedderFailures,
  };
}

function asListed({ name, description, inputSchema }: ToolDocument): string {
  return JSON.stringify({ name, description, inputSchema });
}
