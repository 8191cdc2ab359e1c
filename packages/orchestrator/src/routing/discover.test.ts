import { describe, expect, it } from 'vitest';
import { fakeServer } from '../testing/fake-server.ts';
import { ask, started } from '../testing/harness.ts';

describe('server/discover', () => {
  it('says what all servers can do together', async () => {
    await using fleet = await started({
      a: fakeServer({ capabilities: { tools: {}, experimental: { x: {} } } }),
      b: fakeServer({
        capabilities: {
          resources: { subscribe: true },
          completions: {},
          extensions: { 'io.modelcontextprotocol/ui': { v: 1 }, 'x.y/z': {} },
        },
      }),
    });
    expect(await ask(fleet, 'server/discover')).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        extensions: { 'io.modelcontextprotocol/ui': { v: 1 } },
      },
      ttlMs: 60_000,
      cacheScope: 'public',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'toolyard-test', version: '0' } },
    });
  });

  it('does not rule out what a server that was never up may bring', async () => {
    await using fleet = await started({ a: fakeServer({ connecting: 'refuse' }) });
    expect(await ask(fleet, 'server/discover')).toMatchObject({
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
      },
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.github.toolyard/unavailable': [{ server: 'a', state: 'down' }] },
    });
  });

  it('goes on to name what a server can do that is down for the moment', async () => {
    const a = fakeServer({ capabilities: { tools: {} } });
    await using fleet = await started({ a });
    a.connecting = 'hang';
    a.crash();
    await Promise.resolve();
    expect(await ask(fleet, 'server/discover')).toMatchObject({
      capabilities: { tools: { listChanged: true } },
      ttlMs: 0,
    });
  });

  it('may be kept as long as the least of its parts, and is private if one of them is', async () => {
    await using fleet = await started({
      a: fakeServer({ hints: { ttlMs: 5000, cacheScope: 'private' } }),
      b: fakeServer({ hints: { ttlMs: 300, cacheScope: 'public' } }),
    });
    expect(await ask(fleet, 'server/discover')).toMatchObject({ ttlMs: 300, cacheScope: 'private' });
  });

  it('composes the instructions of the servers, each cut at its bound and all together at theirs', async () => {
    const options = {
      limits: { maxInstructionsChars: 10, maxAllInstructionsChars: 120 },
      entries: { a: { name: 'Files' } },
    };
    await using fleet = await started(
      {
        a: fakeServer({ instructions: 'Read first.' }),
        b: fakeServer({ instructions: '' }),
        c: fakeServer({ instructions: ' short ' }),
        d: fakeServer({ instructions: 'never fits' }),
      },
      options,
    );
    expect(await ask(fleet, 'server/discover')).toMatchObject({
      instructions:
        '# Files\nNames of this server begin with a__\n\nRead firs…\n\n# c\nNames of this server begin with c__\n\nshort',
    });
  });

  it('passes on what the one server said under flat naming', async () => {
    const capabilities = { tools: {}, experimental: { x: {} }, extensions: { 'x.y/z': { big: 1 } } };
    await using fleet = await started(
      { only: fakeServer({ capabilities, instructions: 'Read first.' }) },
      { naming: 'flat' },
    );
    expect(await ask(fleet, 'server/discover')).toMatchObject({
      capabilities,
      instructions: 'Read first.',
      ttlMs: 60_000,
      cacheScope: 'public',
    });
  });
});
