import { expect, it } from 'vitest';
import { fakeServer, rawItem, tool } from './testing/fake-server.ts';
import { started } from './testing/harness.ts';

const annotated = (name: string, header: string) =>
  rawItem(
    `{"name":"${name}","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"${header}"}}}}`,
  );

it('says which arguments of a tool travel as headers, by the name callers use', async () => {
  const files = fakeServer({ tools: [annotated('read', 'Region'), tool('plain')] });
  await using fleet = await started({ files });
  expect(fleet.toolHeaders('files__read')).toEqual([{ header: 'mcp-param-region', path: ['region'], type: 'string' }]);
  expect(fleet.toolHeaders('files__plain')).toBeUndefined();
  expect(fleet.toolHeaders('nobody__knows')).toBeUndefined();
});

it('says nothing of annotations that are wrong, which clients do not follow either', async () => {
  const files = fakeServer({ tools: [annotated('read', 'not a token')] });
  await using fleet = await started({ files });
  expect(fleet.toolHeaders('files__read')).toBeUndefined();
});
