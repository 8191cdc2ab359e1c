import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('shows a sample that runs', async () => {
  expect(await readmeSample(import.meta.url, () => import('./testing/readme-sample.ts'))).toEqual([
    [['sky__forecast']],
    [1, 'email', ['name', 'description']],
    [['disk__read', 'mail__send']],
  ]);
});
