import { featureCount, features } from './features.ts';
import type { FittedWeights, Weights } from './weights.ts';

const nameSaid = features.indexOf('nameSaid');

/** The weights for one request, from the features of all its candidates. */
export function requestWeights({ bias, features: base, named }: FittedWeights, rows: Float64Array): Weights {
  const gate = nameGate(rows);
  const weights: Record<string, number> = {};
  for (const feature of features) weights[feature] = (base[feature] ?? 0) + gate * (named[feature] ?? 0);
  return { bias, features: weights };
}

/** How much of a tool's name the request says, for the tool of which it says most; 0 to 1. */
export function nameGate(rows: Float64Array): number {
  let most = 0;
  for (let at = nameSaid; at < rows.length; at += featureCount) most = Math.max(most, rows[at] ?? 0);
  return most;
}
