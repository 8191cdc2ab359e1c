import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eras } from '../testing/bridge-clients.ts';
import { type BridgeRig, bridgeRig, serverIds } from '../testing/bridge-rig.ts';
import { legacySession } from '../testing/raw-session.ts';

let rig: BridgeRig;
beforeAll(async () => {
  rig = await bridgeRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

describe.each(eras)('a client of $era', ({ open }) => {
  it.each(serverIds)('hears of progress of %s that grows, and of none that does not', async (server) => {
    await using client = await open(rig.places.http);
    const seen: number[] = [];
    await client.call(`${server}__steps`, {}, { onprogress: ({ progress }) => void seen.push(progress) });
    expect(seen).toEqual([1, 2, 3]);
  });

  it.each(serverIds)(
    'gets log messages of %s from the level that it asked for, and another from its own',
    async (server) => {
      await using client = await open(rig.places.http);
      await using other = await open(rig.places.http);
      await client.wantLogs('warning');
      await other.wantLogs('error');
      await client.call(`${server}__log`);
      await other.call(`${server}__log`);
      await client.call(`${server}__log`);
      await vi.waitFor(() => expect(client.heard).toEqual(['at warning', 'at warning']));
      expect(other.heard).toEqual([]);
    },
  );

  it.each(serverIds)('hears of updates at %s that it subscribed to', async (server) => {
    const uri = `test://${server}/watched`;
    await using client = await open(rig.places.http);
    await using other = await open(rig.places.http);
    await client.watch(uri);
    await vi.waitFor(async () => {
      await client.call(`${server}__touch`, { times: 0 });
      expect(client.heard).toContain(uri);
    });
    expect(other.heard).toEqual([]);
  });
});

it.each(serverIds)(
  'the token of a caller is not what %s sees, so that two may have chosen the same',
  async (server) => {
    const sessions = await Promise.all([legacySession(rig.endpoint), legacySession(rig.endpoint)]);
    const tokens = await Promise.all(
      sessions.map(async (session) => {
        const events = await session.call(3, `${server}__steps`, {}, { progressToken: 'same' });
        for (const progress of [1, 2, 3]) {
          expect(await events.nextMessage()).toMatchObject({
            method: 'notifications/progress',
            params: { progressToken: 'same', progress },
          });
        }
        const { result } = (await events.nextMessage()) as { result: { content: { text: string }[] } };
        return result.content[0]?.text;
      }),
    );
    expect(tokens).not.toContain('"same"');
    // Over HTTP each request has a stream of its own, and to a server of today nothing else is shared.
    if (server.endsWith('pipe')) expect(new Set(tokens).size).toBe(2);
  },
);
