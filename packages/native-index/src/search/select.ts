import { features } from '../fusion/features.ts';
import type { Ranked } from '../fusion/rank.ts';
import type { ToolGraph } from '../graph/tool-graph.ts';
import type { Slots } from '../store/slots.ts';
import type { TokenCounter } from '../tokens/token-counter.ts';
import type { Hit, ScoreParts } from '../tool-index.ts';
import type { Reranker } from '../tool-index-options.ts';
import { throwIfCancelled } from '../store/slices.ts';
import type { CheckedOptions } from './read-options.ts';

const lexical = features.indexOf('lexical');
const dense = features.indexOf('dense');
const server = features.indexOf('serverLexical');

function partsOf(rows: Float64Array, { row }: Ranked): ScoreParts {
  const value = (feature: number): number => Math.min(1, rows[row + feature] ?? 0);
  return { lexical: value(lexical), dense: value(dense), server: value(server), graph: 0 };
}

export function toHit(slots: Slots, rows: Float64Array, ranked: Ranked): Hit {
  return {
    id: slots.id(ranked.slot),
    server: slots.server(ranked.slot),
    score: ranked.score,
    parts: partsOf(rows, ranked),
    tokens: undefined,
    through: undefined,
  };
}

/** The hits in the order that the re-ranker gives them, those that it leaves out left out. */
export async function rerankHits(
  query: string,
  hits: readonly Hit[],
  rerank: Reranker,
  signal: AbortSignal | undefined,
): Promise<readonly Hit[]> {
  const order = await rerank(query, hits, signal === undefined ? {} : { signal });
  throwIfCancelled(signal);
  const byId = new Map(hits.map((hit) => [hit.id, hit]));
  return order.flatMap(({ id, score }) => {
    const hit = byId.get(id);
    byId.delete(id);
    return hit === undefined ? [] : [{ ...hit, score: Math.min(1, Math.max(0, Number.isNaN(score) ? 0 : score)) }];
  });
}

/** The hits with those put in that the graph says they need. */
export function completeHits(
  hits: readonly Hit[],
  graph: ToolGraph,
  slots: Slots,
  allowed: Uint8Array | undefined,
  { limit, expand, minScore }: CheckedOptions,
): readonly Hit[] {
  if (expand === 'none') return hits.slice(0, limit);
  const visible = (id: string): boolean => {
    const slot = slots.slot(id);
    return slot !== undefined && (allowed === undefined || allowed[slot] === 1);
  };
  const byId = new Map(hits.map((hit) => [hit.id, hit]));
  return graph.complete(hits, { limit, expand, visible }).flatMap((completed) => {
    const { id, score, through } = completed;
    const known = byId.get(id);
    const slot = slots.slot(id);
    if (slot === undefined || score < minScore) return [];
    const parts = { ...(known?.parts ?? { lexical: 0, dense: 0, server: 0 }), graph: completed.graph };
    return [{ id, server: slots.server(slot), score, parts, tokens: undefined, through }];
  });
}

/** The best hits whose definitions fit the budget together, each with what it costs. */
export async function fitBudget(
  hits: readonly Hit[],
  budget: number,
  definition: (id: string) => string | undefined,
  counter: TokenCounter,
  signal: AbortSignal | undefined,
): Promise<readonly Hit[]> {
  const fitting: Hit[] = [];
  let left = budget;
  for (const hit of hits) {
    throwIfCancelled(signal);
    const text = definition(hit.id);
    if (text === undefined) continue;
    const tokens = await counter.count(text);
    if (tokens > left) continue;
    left -= tokens;
    fitting.push({ ...hit, tokens });
  }
  return fitting;
}
