import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('shows a sample that runs', async () => {
  expect(await readmeSample(import.meta.url, () => import('./testing/readme-sample.ts'))).toEqual([
    ['files', { command: 'mcp-server-filesystem', args: ['./sample'], cwd: '/srv' }],
    ['tickets', { url: 'https://tickets.example.com/mcp', headers: { Authorization: 'Bearer t0ken' } }],
  ]);
});

it('shows a registry of servers that works', async () => {
  const files = { page: '../README.md', sample: './testing/registry-sample.ts' };
  expect(await readmeSample(import.meta.url, () => import('./testing/registry-sample.ts'), files)).toEqual([
    ['wiki', false, 'It cannot be reached.'],
    ['files', true, undefined],
  ]);
});
