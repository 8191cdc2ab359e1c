import type { Bm25Options } from '../lexical/bm25f.ts';
import type { FittedTrees } from './comparison.ts';
import type { Feature } from './features.ts';

/** Fields in the order of `fields`: name, title, description, parameters, their texts, labels, server, its description. */
export const bm25Options: Bm25Options = {
  k1: 1.2,
  weight: [3, 2, 1, 0.6, 0.35, 0.5, 0.6, 0.3],
  lengthPenalty: [0.5, 0.5, 0.75, 0.75, 0.75, 0.3, 0.3, 0.5],
};

/** What each feature counts for. */
export interface Weights {
  /** Added to the sum, so that a score of 0.5 means as likely right as not. */
  readonly bias: number;
  readonly features: Readonly<Partial<Record<Feature, number>>>;
}

/** Weights before the request is known. */
export interface FittedWeights extends Weights {
  /** Added to `features`, times how much of a tool's name the request says at best: where it calls none by its name, other things tell. */
  readonly named: Readonly<Partial<Record<Feature, number>>>;
}

/** How one kind of index ranks. */
export interface FittedRanking {
  /** For requests for one thing. */
  readonly one: FittedWeights;
  /** For requests for several. */
  readonly several: FittedWeights;
  /** How the best are compared after that; `undefined`: they are not. */
  readonly compared: FittedTrees | undefined;
}
