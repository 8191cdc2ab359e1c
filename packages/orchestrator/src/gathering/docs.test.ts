import { readmeSample } from '@toolyard/presets/readme';
import { expect, it } from 'vitest';

it('docs/fleet.md shows a sample of finding and gathering that runs', async () => {
  const files = { page: '../../../../docs/fleet.md', sample: '../testing/gathering-sample.ts' };
  const failure = { code: 'UPSTREAM_UNREACHABLE', message: 'It exited with code 9 while it was started.' };
  expect(await readmeSample(import.meta.url, () => import('../testing/gathering-sample.ts'), files)).toEqual([
    ['every', true, [{ server: 'broken', failure }]],
    ['broken', failure],
    ['every', 'ok'],
    [['broken', 'every']],
    ['every'],
    [{ connected: false, priority: 1, domains: ['docs'], error: failure.message }],
    ['broken', false],
    ['every', false],
  ]);
});
