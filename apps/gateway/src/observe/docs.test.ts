import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { createMetrics } from './metrics.ts';

it('docs/observability.md lists exactly the metrics that there are, with their types', async () => {
  const page = await readFile(new URL('../../../../docs/observability.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| `(toolyard_\w+)` +\| (\w+)/gm)].map(([, name, type]) => `${name} ${type}`);
  const metrics = createMetrics();
  const cache = { hits: 0, misses: 0, requests: 0, hitRate: 0, evictions: 0, entries: 0, bytes: 0 };
  const text = await metrics.scrape({ fleet: { servers: () => [] }, cache: () => cache });
  const existing = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  expect(listed.toSorted()).toEqual(existing.toSorted());
});
