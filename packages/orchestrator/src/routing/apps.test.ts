import { describe, expect, it } from 'vitest';
import type { FakeServer } from '../testing/fake-server.ts';
import { fakeServer, rawItem, tool } from '../testing/fake-server.ts';
import { ask, call, names, started } from '../testing/harness.ts';

const withInterface = (name: string, uri: string) => tool(name, { _meta: { ui: { resourceUri: uri } } });
const page = (uri: string, name = 'page') => ({ uri, name, mimeType: 'text/html;profile=mcp-app' });

/** Which of the servers are asked for a URI. */
async function readers(servers: Record<string, FakeServer>, uri: string, priorities: Record<string, number> = {}) {
  const entries = Object.fromEntries(Object.entries(priorities).map(([id, priority]) => [id, { priority }]));
  await using fleet = await started(servers, { entries });
  await ask(fleet, 'resources/read', { uri });
  return {
    asked: Object.keys(servers).filter((id) => servers[id]?.called('resources/read').length === 1),
    listed: (await ask(fleet, 'resources/list')) as { readonly resources: readonly { readonly name: string }[] },
    leftOut: Object.fromEntries(fleet.servers().map(({ id, leftOut }) => [id, leftOut])),
  };
}

describe('a tool with a user interface', () => {
  it('keeps its `_meta` byte for byte, under a prefixed name and beside names of tools that stand in it', async () => {
    const meta =
      '{ "ui":{"resourceUri":"ui://a/view" ,"visibility":["model","app"],"n":1.0}, "ui/resourceUri":"ui://a/view","x.y/tools":["show","hide"]}';
    const a = fakeServer({
      tools: [
        rawItem(`{"name":"show","_meta":${meta},"inputSchema":{"type":"object"}}`),
        rawItem('{"name":"hide","inputSchema":{"type":"object"}}'),
      ],
    });
    await using fleet = await started({ a, b: fakeServer({ tools: [tool('show')] }) });
    const { result } = await fleet.service(call('tools/list'));
    expect(result.array('tools')?.[0]?.text).toBe(`{"name":"a__show","_meta":${meta},"inputSchema":{"type":"object"}}`);
  });

  it('has it read from its own server, listed or not, and what is read reaches the host byte for byte', async () => {
    const contents =
      '{"resultType":"complete","contents":[{"uri":"ui://a/view","mimeType":"text/html;profile=mcp-app","text":"<p>","_meta":{"ui":{"csp":{"connectDomains":["https://x.y"]} ,"prefersBorder":true}}}]}';
    const a = fakeServer({
      tools: [withInterface('show', 'ui://a/view')],
      answers: { 'resources/read': () => rawItem(contents) },
    });
    const b = fakeServer({ tools: [withInterface('show', 'ui://b/view')], resources: [page('ui://b/view')] });
    await using fleet = await started({ a, b });
    expect(await names(fleet, 'resources/list')).toEqual(['ui://b/view']);
    const { result } = await fleet.service(call('resources/read', { uri: 'ui://a/view' }));
    expect(result.text).toBe(contents);
    await ask(fleet, 'resources/read', { uri: 'ui://b/view' });
    expect([a, b].map((server) => server.called('resources/read').length)).toEqual([1, 1]);
  });

  it('may name it in the older, flat way', async () => {
    const a = fakeServer({ tools: [tool('show', { _meta: { 'ui/resourceUri': 'ui://view' } })] });
    expect(await readers({ a, b: fakeServer() }, 'ui://view')).toMatchObject({ asked: ['a'] });
  });
});

describe('a user interface that two servers claim', () => {
  const reason = (owner: string) =>
    `Its user interface is read from the server ${owner}, which has the same URI and goes first.`;

  it("is read from the first by priority, then id, and the other's tool is reported", async () => {
    const servers = () => ({
      b: fakeServer({ tools: [withInterface('of b', 'ui://view')] }),
      a: fakeServer({ tools: [withInterface('of a', 'ui://view')] }),
    });
    expect(await readers(servers(), 'ui://view')).toMatchObject({
      asked: ['a'],
      leftOut: { a: [], b: [{ kind: 'tools', entry: 'of b', reason: reason('a') }] },
    });
    expect(await readers(servers(), 'ui://view', { b: -1 })).toMatchObject({ asked: ['b'] });
  });

  it('belongs to the one that lists it too', async () => {
    const a = fakeServer({ tools: [withInterface('of a', 'ui://view')] });
    const b = fakeServer({ tools: [withInterface('of b', 'ui://view')], resources: [page('ui://view')] });
    expect(await readers({ a, b }, 'ui://view')).toMatchObject({ asked: ['b'], leftOut: { b: [] } });
  });

  it('is not lost to a server that lists it without a tool, whatever its priority', async () => {
    const thief = fakeServer({ resources: [page('ui://view', 'of the thief')] });
    const owner = fakeServer({ tools: [withInterface('show', 'ui://view')] });
    const found = await readers({ thief, owner }, 'ui://view', { thief: -9 });
    expect(found).toMatchObject({
      asked: ['owner'],
      leftOut: {
        thief: [{ kind: 'resources', entry: 'ui://view', reason: 'The server owner has the same URI and goes first.' }],
        owner: [],
      },
    });
    expect(found.listed.resources).toEqual([]);
  });

  it('does not take a resource of another kind from the server that lists it', async () => {
    const thief = fakeServer({ tools: [withInterface('show', 'file:///secret')] });
    const owner = fakeServer({ resources: [page('file:///secret')] });
    expect(await readers({ thief, owner }, 'file:///secret', { thief: -9 })).toMatchObject({
      asked: ['owner'],
      leftOut: { thief: [{ kind: 'tools', entry: 'show', reason: reason('owner') }] },
    });
  });

  it('stays with its server while that is down', async () => {
    const a = fakeServer({ tools: [withInterface('show', 'ui://view')] });
    const b = fakeServer({ tools: [withInterface('show', 'ui://view')] });
    await using fleet = await started({ a, b });
    a.connecting = 'hang';
    a.crash();
    await Promise.resolve();
    await expect(ask(fleet, 'resources/read', { uri: 'ui://view' })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'a' },
    });
  });
});
