import { featureCount, features } from './features.ts';
import type { Candidates } from './candidates.ts';
import type { Slots } from '../store/slots.ts';
import type { Weights } from './weights.ts';

export interface Ranked {
  readonly slot: number;
  /** Where its features start in the rows that it was ranked by. */
  readonly row: number;
  /** 0 to 1. */
  readonly score: number;
}

/** Best first; ties in the order of ids, so that a ranking does not depend on the order in which tools came. */
export function rank(candidates: Candidates, rows: Float64Array, weights: Weights, slots: Slots): readonly Ranked[] {
  const weight = features.map((feature) => weights.features[feature] ?? 0);
  const ranked = candidates.slots.map((slot, row) => {
    let sum = weights.bias;
    for (let at = 0; at < featureCount; at += 1) sum += (weight[at] ?? 0) * (rows[row * featureCount + at] ?? 0);
    return { slot, row: row * featureCount, score: Math.round(1e9 / (1 + Math.exp(-sum))) / 1e9 };
  });
  return ranked.sort((a, b) => b.score - a.score || (slots.id(a.slot) < slots.id(b.slot) ? -1 : 1));
}
