import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('shows a sample that runs', async () => {
  expect(await readmeSample(import.meta.url, () => import('./testing/readme-sample.ts'))).toEqual([
    [100, 1],
    [2, 2],
    [0, true],
  ]);
});
