import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('shows a sample that runs', async () => {
  expect(await readmeSample(import.meta.url, () => import('./testing/readme-sample.ts'))).toEqual([
    ['files', 'mcp-server-filesystem'],
    ['tickets', 'https://tickets.example.com/mcp'],
  ]);
});
