import { expect, it } from 'vitest';
import * as evaluate from './evaluate/index.ts';
import * as index from './index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(index).sort()).toEqual([
    'createTokenCounter',
    'createToolIndex',
    'endpointEmbedder',
    'loadToolIndex',
    'staticEmbedder',
    'toGraphJson',
    'toGraphML',
    'toolGraph',
    'transformersEmbedder',
    'vectorIndex',
  ]);
  expect(Object.keys(evaluate).sort()).toEqual(
    [
      'evaluateSet',
      'meaningAlone',
      'meanMetrics',
      'readLabelledSet',
      'readQueries',
      'scoreRanking',
      'unknownLabels',
    ].sort(),
  );
});
