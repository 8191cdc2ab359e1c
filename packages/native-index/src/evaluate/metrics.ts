import type { LabelledQuery } from './labelled-set.ts';

/** How good one ranking is, or the mean of many; each from 0 to 1. */
export interface Metrics {
  /** The first tool is a relevant one. */
  readonly hitAt1: number;
  /** Share of the relevant tools that are among the first. */
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly recallAt10: number;
  /** Normalised discounted cumulative gain of the first ten, each relevant tool worth the same. */
  readonly ndcgAt10: number;
  /** Mean average precision of the first ten. */
  readonly mapAt10: number;
  /** All relevant tools are among the first ten. */
  readonly completeAt10: number;
}

/** Scores a ranking, best first. A tool counts once, also when equivalents of it come too. `undefined` for a query without labels. */
export function scoreRanking(query: LabelledQuery, ranked: readonly string[]): Metrics | undefined {
  const wanted = new Set(query.relevant);
  if (wanted.size === 0) return undefined;
  const stands = new Map<string, string>();
  for (const [id, others] of query.equivalents) for (const other of others) stands.set(other, id);
  const found = new Set<string>();
  const ranks: number[] = [];
  ranked.slice(0, 10).forEach((id, index) => {
    const target = wanted.has(id) ? id : stands.get(id);
    if (target === undefined || !wanted.has(target) || found.has(target)) return;
    found.add(target);
    ranks.push(index + 1);
  });
  const within = (k: number): number => ranks.filter((rank) => rank <= k).length / wanted.size;
  const possible = Math.min(wanted.size, 10);
  let ideal = 0;
  for (let rank = 1; rank <= possible; rank += 1) ideal += 1 / Math.log2(rank + 1);
  return {
    hitAt1: ranks[0] === 1 ? 1 : 0,
    recallAt1: within(1),
    recallAt5: within(5),
    recallAt10: within(10),
    ndcgAt10: ranks.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0) / ideal,
    mapAt10: ranks.reduce((sum, rank, index) => sum + (index + 1) / rank, 0) / possible,
    completeAt10: found.size === wanted.size ? 1 : 0,
  };
}

/** `undefined` for none. */
export function meanMetrics(all: readonly Metrics[]): Metrics | undefined {
  if (all.length === 0) return undefined;
  const mean = (name: keyof Metrics): number => all.reduce((sum, metrics) => sum + metrics[name], 0) / all.length;
  return {
    hitAt1: mean('hitAt1'),
    recallAt1: mean('recallAt1'),
    recallAt5: mean('recallAt5'),
    recallAt10: mean('recallAt10'),
    ndcgAt10: mean('ndcgAt10'),
    mapAt10: mean('mapAt10'),
    completeAt10: mean('completeAt10'),
  };
}
