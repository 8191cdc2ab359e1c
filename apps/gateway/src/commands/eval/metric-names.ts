import type { Metrics } from '@toolyard/native-index/evaluate';

/** Metrics under the names that are usual for them, in the order in which they are shown. */
export const metricNames: Readonly<Record<string, keyof Metrics>> = {
  'hit@1': 'hitAt1',
  'recall@1': 'recallAt1',
  'recall@5': 'recallAt5',
  'recall@10': 'recallAt10',
  'NDCG@10': 'ndcgAt10',
  'mAP@10': 'mapAt10',
  'complete@10': 'completeAt10',
};
