import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('shows a sample that runs', async () => {
  expect(await readmeSample(import.meta.url, () => import('./testing/readme-sample.ts'))).toEqual([
    ['memory', 'healthy', '2025-11-25'],
    ['every', 'healthy', '2025-11-25'],
    ['{"type":"text","text":"Echo: hello"}'],
  ]);
});
