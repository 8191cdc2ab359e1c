import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eras, modernClient } from '../testing/bridge-clients.ts';
import { type BridgeRig, bridgeRig, serverIds } from '../testing/bridge-rig.ts';
import { ask } from '../testing/raw-client.ts';
import { legacySession } from '../testing/raw-session.ts';

let rig: BridgeRig;
beforeAll(async () => {
  rig = await bridgeRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const isModern = (server: string): boolean => server.startsWith('new');

describe.each(serverIds)('what %s answers', (server) => {
  const all = [
    { type: 'text', text: 'words' },
    { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
    { type: 'resource_link', uri: 'test://linked', name: 'linked' },
  ];

  it('is as it was for a client of 2026-07-28', async () => {
    await using client = await modernClient(rig.places.http);
    expect(await client.call(`${server}__shapes`)).toMatchObject({
      content: all,
      structuredContent: isModern(server) ? [1, 2] : { n: 1 },
    });
  });

  it('has an object for structured content for a client of 2025-11-25, and no member that its revision does not know', async () => {
    const session = await legacySession(rig.endpoint);
    const { result } = (await session.request('tools/call', 1, { name: `${server}__shapes` })) as { result: object };
    expect(result).toMatchObject({
      content: expect.arrayContaining(all) as unknown,
      structuredContent: isModern(server) ? { result: [1, 2] } : { n: 1 },
    });
    expect(Object.keys(result)).not.toEqual(expect.arrayContaining(['resultType']));
    const list = (await session.request('tools/list', 2)) as { result: object };
    expect(Object.keys(list.result)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:resultType|ttlMs|cacheScope)$/)]),
    );
  });

  it.each([
    ['2025-06-18', ['text', 'audio', 'resource_link']],
    ['2025-03-26', ['text', 'audio', 'text']],
    ['2024-11-05', ['text', 'text', 'text']],
  ])('is put into words that a client of %s knows', async (revision, types) => {
    const session = await legacySession(rig.endpoint, { revision });
    const { result } = (await session.request('tools/call', 1, { name: `${server}__shapes` })) as {
      result: { content: { type: string }[]; structuredContent?: unknown };
    };
    expect(result.content.slice(0, 3).map(({ type }) => type)).toEqual(types);
    expect('structuredContent' in result).toBe(revision === '2025-06-18');
  });

  it('is, where a resource is missing, in the words of the client', async () => {
    for (const { era, open } of eras) {
      await using client = await open(rig.places.http);
      await expect(client.read(`test://${server}/watched`)).rejects.toMatchObject({
        code: era === '2025-11-25' ? -32002 : -32602,
      });
    }
  });
});

it('a batch of a client of 2025-03-26 is run at servers of both eras, and answered as one', async () => {
  const session = await legacySession(rig.endpoint, { revision: '2025-03-26' });
  const replies = await session.batch(
    serverIds.map((server, id) => ({ id, method: 'tools/call', params: { name: `${server}__panel` } })),
  );
  const sorted = replies.toSorted((one, other) => Number(one['id']) - Number(other['id']));
  expect(sorted).toMatchObject(serverIds.map((_, id) => ({ id, result: { content: [{ text: 'panel' }] } })));
});

it('a cursor that was tampered with is refused as invalid params, in both eras', async () => {
  const { message } = await ask(rig.endpoint, 'tools/list', { cursor: 'AAAA' });
  expect(message.error).toMatchObject({ code: -32602 });
  const session = await legacySession(rig.endpoint);
  expect(await session.request('tools/list', 1, { cursor: 'AAAA' })).toMatchObject({ error: { code: -32602 } });
});

describe.each(eras)('a user interface of a tool, for a client of $era', ({ open }) => {
  it.each(serverIds)('of %s is named with the tool, and read with its _meta', async (server) => {
    await using client = await open(rig.places.http);
    const tool = (await client.tools()).find(({ name }) => name === `${server}__panel`);
    const uri = `ui://${server}/panel`;
    expect(tool?._meta).toEqual({
      ui: { resourceUri: uri, visibility: ['model', 'app'] },
      'com.example/kept': [1],
    });
    expect(await client.read(uri)).toMatchObject({
      contents: [
        {
          uri,
          mimeType: 'text/html;profile=mcp-app',
          text: '<p>panel</p>',
          _meta: { ui: { csp: { connectDomains: ['https://example.com'] }, prefersBorder: true } },
        },
      ],
    });
  });
});
