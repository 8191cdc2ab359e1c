import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('shows a sample that runs', async () => {
  expect(await readmeSample(import.meta.url, () => import('./testing/readme-sample.ts'))).toEqual([
    ['notifications/progress'],
    ['2026-07-28', '[{"type":"text","text":"Hello!"}]'],
  ]);
});
