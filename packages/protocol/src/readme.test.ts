import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('shows a sample that runs', async () => {
  expect(await readmeSample(import.meta.url, () => import('./testing/readme-sample.ts'))).toEqual([
    ['called', 'server/discover'],
    ['called', 'tools/call'],
    ['[{"type":"text","text":"Hello, Ada!"}]'],
  ]);
});
