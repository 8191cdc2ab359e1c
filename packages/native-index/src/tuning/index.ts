// For the tooling that finds the weights; may change with any version.
export { collectFeatures, type JudgedQuery } from './collect-features.ts';
export { features, type Feature } from '../fusion/features.ts';
export { nameGate } from '../fusion/request-weights.ts';
export {
  answers,
  comparedTools,
  createComparison,
  questions,
  treeDepth,
  type FittedTrees,
} from '../fusion/comparison.ts';
