import { describe, expect, it } from 'vitest';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { ask, names, started } from '../testing/harness.ts';

describe('resources/read', () => {
  const read = (fleet: Parameters<typeof ask>[0], uri: string): Promise<unknown> =>
    ask(fleet, 'resources/read', { uri });

  it('goes to the server that lists the URI', async () => {
    const a = fakeServer({ resources: [{ uri: 'file:///a', name: 'a' }] });
    const b = fakeServer({ resources: [{ uri: 'file:///b', name: 'b' }] });
    await using fleet = await started({ a, b });
    await read(fleet, 'file:///b');
    expect([a.called('resources/read').length, b.called('resources/read').length]).toEqual([0, 1]);
    expect(b.called('resources/read')[0]?.params.text).toBe('{"uri":"file:///b"}');
  });

  it('goes to the server whose template the URI fits, after those that list it', async () => {
    const a = fakeServer({
      templates: [{ uriTemplate: 'test://{id}/data', name: 't' }],
      resources: [{ uri: 'x://1', name: 'x' }],
    });
    const b = fakeServer({ resources: [{ uri: 'test://7/data', name: 'seven' }] });
    await using fleet = await started({ a, b });
    await read(fleet, 'test://7/data');
    await read(fleet, 'test://8/data');
    expect(a.called('resources/read').map(({ params }) => params.string('uri'))).toEqual(['test://8/data']);
    expect(b.called('resources/read').map(({ params }) => params.string('uri'))).toEqual(['test://7/data']);
  });

  it('goes to the server of the tool whose user interface it is, listed or not', async () => {
    const a = fakeServer({ resources: [{ uri: 'ui://a', name: 'a' }] });
    const b = fakeServer({ tools: [tool('show', { _meta: { ui: { resourceUri: 'ui://b/view' } } })] });
    await using fleet = await started({ a, b });
    await read(fleet, 'ui://b/view');
    expect(b.called('resources/read')).toHaveLength(1);
    expect(await ask(fleet, 'tools/list')).toMatchObject({
      tools: [{ name: 'b__show', _meta: { ui: { resourceUri: 'ui://b/view' } } }],
    });
  });

  it('goes to the only server with resources when nobody lists the URI', async () => {
    const a = fakeServer({ capabilities: { tools: {} } });
    const b = fakeServer();
    await using fleet = await started({ a, b });
    await read(fleet, 'any://thing');
    expect(b.called('resources/read')).toHaveLength(1);
  });

  it('goes to the only server that lists anything under the scheme', async () => {
    const a = fakeServer({ resources: [{ uri: 'file:///a', name: 'a' }] });
    const b = fakeServer({ resources: [{ uri: 'memo://1', name: 'one' }] });
    await using fleet = await started({ a, b });
    await read(fleet, 'memo://2');
    expect(b.called('resources/read')).toHaveLength(1);
  });

  it('asks nobody on suspicion', async () => {
    const a = fakeServer({ resources: [{ uri: 'file:///a', name: 'a' }] });
    const b = fakeServer({ resources: [{ uri: 'file:///b', name: 'b' }] });
    await using fleet = await started({ a, b });
    for (const uri of ['file:///c', 'other://x', 'no scheme']) {
      await expect(read(fleet, uri)).rejects.toMatchObject({ code: 'RESOURCE_UNKNOWN', facts: { uri } });
    }
    expect(a.called('resources/read').length + b.called('resources/read').length).toBe(0);
  });

  it.each([
    [{}, 'a'],
    [{ b: { priority: -1 } }, 'b'],
    [{ a: { priority: 5 } }, 'b'],
  ] as const)(
    'goes to the server whose number of priority is lower, then the first by id, where two list the URI: %j',
    async (entries, winner) => {
      const servers = {
        b: fakeServer({ resources: [{ uri: 'x://1', name: 'of b' }] }),
        a: fakeServer({ resources: [{ uri: 'x://1', name: 'of a' }] }),
      };
      await using fleet = await started(servers, { entries });
      await read(fleet, 'x://1');
      expect(servers[winner].called('resources/read')).toHaveLength(1);
      expect(await ask(fleet, 'resources/list')).toMatchObject({ resources: [{ name: `of ${winner}` }] });
      const loser = winner === 'a' ? 'b' : 'a';
      expect(fleet.servers().find(({ id }) => id === loser)).toMatchObject({
        leftOut: [
          { kind: 'resources', entry: 'x://1', reason: `The server ${winner} has the same URI and goes first.` },
        ],
        leftOutCount: 1,
      });
    },
  );

  it('does not hand a URI to another server because its own is down', async () => {
    const a = fakeServer({ resources: [{ uri: 'x://1', name: 'of a' }] });
    const b = fakeServer({ resources: [{ uri: 'x://1', name: 'of b' }] });
    await using fleet = await started({ a, b });
    a.connecting = 'hang';
    a.crash();
    await Promise.resolve();
    await expect(read(fleet, 'x://1')).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'a' },
    });
    expect(await names(fleet, 'resources/list')).toEqual([]);
  });
});
