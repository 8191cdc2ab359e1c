import { expect, it } from 'vitest';
import { createToolIndex } from '../create-tool-index.ts';
import { tool } from '../testing/tools.ts';
import { featureCount, features } from './features.ts';
import { requestWeights } from './request-weights.ts';

function rowsWhere(named: readonly number[]): Float64Array {
  const rows = new Float64Array(named.length * featureCount);
  named.forEach((value, row) => (rows[row * featureCount + features.indexOf('nameSaid')] = value));
  return rows;
}

it.each([
  [[], 2],
  [[0, 0], 2],
  [[0.25, 0.5, 0], 1.5],
  [[1, 0.5], 1],
])('where names are said as in %j, weighs accordingly', (named, dense) => {
  const fitted = { bias: -3, features: { dense: 2, said: 1 }, named: { dense: -1 } };
  const { bias, features: weights } = requestWeights(fitted, rowsWhere(named));
  expect(bias).toBe(-3);
  expect(weights).toMatchObject({ dense, said: 1, lexical: 0 });
});

it('explains a score with the weights that made it', async () => {
  await using index = await createToolIndex({ embedder: null });
  await index.upsert([
    tool('sky', 'get_forecast', 'Weather for days.'),
    tool('sky', 'send_alarm', 'Weather that is dangerous.'),
  ]);
  for (const query of ['get the forecast', 'weather']) {
    const why = await index.explain(query, 'sky__get_forecast');
    const sum = why?.features.reduce((total, { value, weight }) => total + value * weight, why.bias) ?? NaN;
    expect(why?.score).toBeCloseTo(1 / (1 + Math.exp(-sum)), 6);
  }
});
