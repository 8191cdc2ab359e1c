import { comparedTools, type Comparison } from './comparison.ts';
import { featureCount, features } from './features.ts';
import { nameGate } from './request-weights.ts';
import type { Candidates } from './candidates.ts';
import type { Slots } from '../store/slots.ts';
import type { Weights } from './weights.ts';

export interface Ranked {
  readonly slot: number;
  /** Where its features start in the rows that it was ranked by. */
  readonly row: number;
  /** 0 to 1. */
  score: number;
  /** What the comparison with the other best added to the weighted sum; 0 for a tool that took no part. */
  compared: number;
}

/** Best first; ties in the order of ids, so that a ranking does not depend on the order in which tools came. */
export function rank(
  candidates: Candidates,
  rows: Float64Array,
  weights: Weights,
  compare: Comparison | undefined,
  slots: Slots,
): readonly Ranked[] {
  const weight = features.map((feature) => weights.features[feature] ?? 0);
  const { segmentCount } = candidates;
  const sumOf = ({ row }: Ranked): number => {
    let sum = weights.bias;
    for (let at = 0; at < featureCount; at += 1) sum += (weight[at] ?? 0) * (rows[row + at] ?? 0);
    return sum;
  };
  const betterFirst = (a: Ranked, b: Ranked): number =>
    b.score - a.score || (slots.id(a.slot) < slots.id(b.slot) ? -1 : 1);
  const ranked = candidates.slots.map((slot, row) => {
    const one = { slot, row: row * featureCount, score: 0, compared: 0 };
    one.score = logistic(sumOf(one));
    return one;
  });
  ranked.sort(betterFirst);
  if (compare === undefined) return ranked;
  const best = ranked.slice(0, comparedTools);
  const sums = best.map(sumOf);
  const added = compare({
    rows,
    starts: best.map(({ row }) => row),
    sums,
    gate: nameGate(rows),
    several: segmentCount > 1,
  });
  best.forEach((one, place) => {
    one.compared = added[place] ?? 0;
    one.score = logistic((sums[place] ?? 0) + one.compared);
  });
  best.sort(betterFirst);
  // The others stand in their order already.
  let other = comparedTools;
  const merged: Ranked[] = [];
  for (const one of best) {
    for (let next = ranked[other]; next !== undefined && betterFirst(next, one) < 0; next = ranked[other]) {
      merged.push(next);
      other += 1;
    }
    merged.push(one);
  }
  return [...merged, ...ranked.slice(other)];
}

function logistic(sum: number): number {
  return Math.round(1e9 / (1 + Math.exp(-sum))) / 1e9;
}
