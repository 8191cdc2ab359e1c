import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('docs/fleet.md shows a sample of all that can be done with a server, which runs', async () => {
  const files = { page: '../../../../docs/fleet.md', sample: '../testing/fleet-sample.ts' };
  const printed = await readmeSample(import.meta.url, () => import('../testing/fleet-sample.ts'), files);
  const transitions = printed.filter((row) => row.includes('→'));
  expect(transitions.slice(0, 2)).toEqual([
    ['notes', undefined, '→', 'starting'],
    ['notes', 'starting', '→', 'healthy'],
  ]);
  expect(transitions.at(-1)).toEqual(['notes', 'healthy', '→', undefined]);
  const none = { starting: 0, healthy: 0, degraded: 0, unhealthy: 0 };
  expect(printed.filter((row) => !row.includes('→'))).toEqual([
    [2],
    [expect.any(Number)],
    ['stopped', { ...none, stopped: 1 }],
    [[]],
  ]);
});
