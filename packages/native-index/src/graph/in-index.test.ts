import { expect, it } from 'vitest';
import { createToolIndex, loadToolIndex } from '../create-tool-index.ts';
import type { ToolDocument } from '../tool-document.ts';
import type { ToolIndex } from '../tool-index.ts';
import { toolGraph } from './create-tool-graph.ts';

const tools: readonly ToolDocument[] = [
  {
    id: 'shop__cancel',
    server: 'shop',
    name: 'cancel_purchase',
    description: 'Takes back what was bought.',
    inputSchema: { properties: { parcel_number: { type: 'string' } }, required: ['parcel_number'] },
    dependsOn: ['shop__login'],
  },
  { id: 'shop__login', server: 'shop', name: 'open_account' },
  ...['refund', 'return', 'exchange', 'complain', 'rate', 'track'].map((name) => ({
    id: `shop__${name}`,
    server: 'shop',
    name: `${name}_purchase`,
  })),
  { id: 'post__parcels', server: 'post', name: 'get_parcel_number' },
];

async function open(): Promise<ToolIndex> {
  const index = await createToolIndex({ embedder: null, graph: toolGraph({ now: () => 0 }) });
  await index.upsert(tools);
  return index;
}

it('completes what a search finds, and says along which edge', async () => {
  await using index = await open();
  const { hits } = await index.search('cancel purchase');
  expect(hits.find(({ id }) => id === 'shop__login')).toMatchObject({ through: 'shop__cancel', parts: { lexical: 0 } });
  expect(hits.findIndex(({ id }) => id === 'post__parcels')).toBeGreaterThanOrEqual(5);
  const declared = await index.search('cancel purchase', { expand: 'declared' });
  expect(declared.hits.map(({ id }) => id)).not.toContain('post__parcels');
  const none = await index.search('cancel purchase', { expand: 'none' });
  expect(none.hits.every(({ through, parts }) => through === undefined && parts.graph === 0)).toBe(true);
});

it('explains what the graph brought in', async () => {
  await using index = await open();
  const why = await index.explain('cancel purchase', 'shop__login');
  expect(why).toMatchObject({ through: 'shop__cancel', terms: [] });
  expect(why?.parts.graph).toBeGreaterThan(0);
  expect(await index.explain('cancel purchase', 'shop__login', { expand: 'none' })).toMatchObject({
    through: undefined,
  });
});

it('brings in nothing that is filtered out or scores too little', async () => {
  await using index = await open();
  const others = await index.search('cancel purchase', { filter: { allows: ({ id }) => id !== 'shop__login' } });
  expect(others.hits.map(({ id }) => id)).not.toContain('shop__login');
  const { hits } = await index.search('cancel purchase');
  const minScore = hits[0]?.score ?? 1;
  expect((await index.search('cancel purchase', { minScore })).hits.every(({ score }) => score >= minScore)).toBe(true);
});

it('keeps what was learnt from use through save and load', async () => {
  await using index = await open();
  index.used(['shop__rate', 'shop__track']);
  await using again = await loadToolIndex(await index.save(), { embedder: null, graph: toolGraph({ now: () => 0 }) });
  expect([...again.edges()]).toEqual([...index.edges()]);
  expect([...again.edges()]).toContainEqual({ from: 'shop__rate', to: 'shop__track', kind: 'used', weight: 0.5 });
});

it('does without a graph where none is wanted', async () => {
  await using index = await createToolIndex({ embedder: null, graph: null });
  await index.upsert(tools);
  expect([...index.edges()]).toEqual([]);
  expect((await index.search('cancel purchase')).hits.map(({ id }) => id)).not.toContain('shop__login');
});
