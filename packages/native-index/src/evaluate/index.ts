export type { LabelledQuery, LabelledSet } from './labelled-set.ts';
export { unknownLabels } from './labelled-set.ts';
export type { LabelledFiles } from './read-labelled-set.ts';
export { readLabelledSet, readQueries } from './read-labelled-set.ts';
export type { Metrics } from './metrics.ts';
export { meanMetrics, scoreRanking } from './metrics.ts';
export type { EvaluateOptions, Evaluation, QueryRanking, Searcher } from './evaluate-set.ts';
export { evaluateSet } from './evaluate-set.ts';
export { meaningAlone } from './meaning-alone.ts';
