import { expect, it } from 'vitest';
import { createToolIndex } from '../create-tool-index.ts';
import { tool, tools } from '../testing/tools.ts';
import type { ToolDocument } from '../tool-document.ts';

async function value(
  content: readonly ToolDocument[],
  query: string,
  id: string,
  name: string,
): Promise<number | undefined> {
  await using index = await createToolIndex({ embedder: null });
  await index.upsert(content);
  const explanation = await index.explain(query, id);
  return explanation?.features.find((feature) => feature.name === name)?.value;
}

const store = [
  tool('shop', 'ticket_list', 'Gives tickets of the shop.'),
  tool('shop', 'ticket_get', 'Gives an ticket of the shop.'),
  tool('shop', 'ticket_delete', 'Takes an ticket out.'),
  tool('shop', 'customer_list', 'Gives customers of the shop.'),
];

it.each([
  ['show the tickets in the shop', 'shop__ticket_list', 'manyListed', 1],
  ['show the tickets in the shop', 'shop__ticket_get', 'manyListed', 0],
  ['show the tickets in the shop', 'shop__ticket_get', 'manyRead', 1],
  ['show the ticket in the shop', 'shop__ticket_list', 'manyListed', 0],
  // What is asked for are tickets; the customers only tell whose.
  ['list tickets for the customers', 'shop__customer_list', 'headInName', 0.5],
  ['remove an ticket', 'shop__ticket_delete', 'verbAgrees', 1],
  ['remove an ticket', 'shop__ticket_get', 'verbDiffers', 1],
  ['show an ticket', 'shop__ticket_list', 'verbDiffers', 0],
  ['ticket', 'shop__ticket_get', 'thingSaid', 1],
])('judges for %j of %s: %s', async (query, id, name, expected) => {
  const found = await value(store, query, id, name);
  if (expected === 0.5) expect(found).toBeGreaterThan(0);
  else expect(found).toBe(expected);
  if (expected === 0.5) expect(found).toBeLessThan(0.95);
});

it('counts arguments that most tools of a server share for little, and those of few for much', async () => {
  const boilerplate = tools.map((one) => ({
    ...one,
    server: 'one',
    inputSchema: { properties: { tenant: { description: 'Tenant to use' } } },
  }));
  const own = tool('one', 'own', 'Something.', { tenant: 'Tenant to use', zone: 'Zone to use' });
  const shared = await value([...boilerplate, own], 'tenant', 'one__own', 'lexical');
  const rare = await value([...boilerplate, own], 'zone', 'one__own', 'lexical');
  expect(shared).toBeLessThan((rare ?? 0) / 4);
});
