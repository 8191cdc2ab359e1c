import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeServer, tool } from '../testing/fake-server.ts';
import { call, orchestrate } from '../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const files = (): ReturnType<typeof fakeServer> =>
  fakeServer({ tools: [tool('read')], resources: [{ uri: 'x:1', name: 'r' }] });
const entries = { files: { domains: ['ops'] } };
const closed = { code: 'CLOSED' };

describe('a session', () => {
  it('starts what is not started, has everything wait for it, and closes it in the end', async () => {
    const server = files();
    const yard = orchestrate({ files: server }, { entries });
    {
      await using session = yard.session();
      const [listed, executed, ofDomain, gathered, ready] = await Promise.all([
        session.service(call('tools/list')),
        session.execute('files', { method: 'tools/list' }),
        session.resourcesForDomain('ops'),
        session.gatherAllResources(),
        session.ready(),
      ]);
      expect(listed.result.value).toMatchObject({ tools: [{ name: 'files__read' }] });
      expect(executed.result.value).toMatchObject({ tools: [{ name: 'read' }] });
      expect(ofDomain).toMatchObject({ server: 'files' });
      expect(gathered).toMatchObject([{ server: 'files', outcome: 'ok' }]);
      expect(ready).toBe(yard);
      expect(server.open.size).toBe(1);
    }
    expect(server.open.size).toBe(0);
    await expect(yard.execute('files', { method: 'tools/list' })).rejects.toMatchObject(closed);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not close what somebody started', async () => {
    const server = files();
    await using yard = orchestrate({ files: server });
    await yard.start();
    await yard.session()[Symbol.asyncDispose]();
    expect(server.open.size).toBe(1);
    expect(yard.state('files')).toBe('healthy');
  });

  it('does not close what somebody has started since', async () => {
    const server = files();
    await using yard = orchestrate({ files: server });
    const session = yard.session();
    await yard.start();
    await session[Symbol.asyncDispose]();
    expect(server.open.size).toBe(1);
  });

  it('closes it as the last of several, in whatever order they end', async () => {
    const server = files();
    const yard = orchestrate({ files: server });
    const first = yard.session();
    await first.ready();
    const second = yard.session();
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    expect(await second.gatherAllResources()).toHaveLength(1);
    await expect(first.gatherAllResources()).rejects.toMatchObject({ ...closed, facts: { what: 'session' } });
    await second[Symbol.asyncDispose]();
    expect(server.open.size).toBe(0);
  });

  it('ends in the middle of the start, and leaves nothing behind', async () => {
    const server = fakeServer({ connecting: 'hang' });
    const yard = orchestrate({ files: server });
    const session = yard.session();
    const asked = session.gatherAllResources().catch((error: unknown) => error);
    await session[Symbol.asyncDispose]();
    expect(await asked).toMatchObject(closed);
    await expect(yard.session().ready()).rejects.toMatchObject(closed);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lets go of a caller who does not wait for the start', async () => {
    await using yard = orchestrate({ files: fakeServer({ connecting: 'hang' }) });
    await using session = yard.session();
    const controller = new AbortController();
    const { signal } = controller;
    const asked = [
      session.service(call('tools/list', {}, { signal })),
      session.execute('files', { method: 'tools/list', signal }),
      session.gatherAllResources({ signal }),
    ].map((one) => one.catch((error: unknown) => error));
    controller.abort();
    expect(await Promise.all(asked)).toMatchObject(asked.map(() => ({ code: 'CANCELLED' })));
  });

  it('says why it could not start', async () => {
    const yard = orchestrate({ files: fakeServer({ connecting: 'refuse' }) }, { failFast: true });
    await using session = yard.session();
    await expect(session.ready()).rejects.toMatchObject({ code: 'START_FAILED' });
    await expect(session.resourcesForDomain('ops')).rejects.toMatchObject({ code: 'START_FAILED' });
  });
});
