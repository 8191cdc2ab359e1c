import { expect, it } from 'vitest';
import * as cache from './index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(cache).toSorted()).toEqual([
    'cached',
    'invalidationOf',
    'layeredStore',
    'memoryStore',
    'redisStore',
    'staleKey',
  ]);
});
