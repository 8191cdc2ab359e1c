import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eras, legacyClient } from '../testing/bridge-clients.ts';
import { type BridgeRig, bridgeRig, serverIds } from '../testing/bridge-rig.ts';
import { legacySession } from '../testing/raw-session.ts';

let rig: BridgeRig;
beforeAll(async () => {
  rig = await bridgeRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const wires = ['http', 'stdio'] as const;

describe.each(eras.flatMap((client) => wires.map((wire) => ({ ...client, wire }))))(
  'a client of $era over $wire',
  ({ era, open, wire }) => {
    it('that cancels a call is let go, and the server sees it, whatever both speak', async () => {
      await using client = await open(rig.places[wire]);
      for (const server of serverIds) {
        const label = `${era}-${wire}-${server}`;
        const controller = new AbortController();
        const call = client.call(`${server}__hold`, { label }, { signal: controller.signal });
        await rig.noted(server, `waiting ${label}`);
        controller.abort();
        await expect(call).rejects.toThrow(/abort/i);
        await rig.noted(server, `cancelled ${label}`);
        expect(await client.call(`${server}__panel`)).toMatchObject({ content: [{ text: 'panel' }] });
      }
    });
  },
);

describe('a client of 2025-11-25 that loses its connection', () => {
  it.each(serverIds)('has not cancelled its call to %s, and finds the reply with Last-Event-ID', async (server) => {
    const session = await legacySession(rig.endpoint);
    const label = `lost-${server}`;
    const first = await session.call(7, `${server}__hold`, { label });
    const eventId = await first.nextId();
    await rig.noted(server, `waiting ${label}`);
    first.drop();
    // The server would hear of the break before it hears of this.
    await session.request('tools/call', 8, { name: `${server}__panel` });
    expect(await rig.journal(server)).not.toContain(`cancelled ${label}`);
    await rig.release(server, label);
    await rig.noted(server, `done ${label}`);
    const again = await session.resume(eventId);
    expect(await again.nextMessage()).toMatchObject({ id: 7, result: { content: [{ text: `held ${label}` }] } });
    again.drop();
  });

  it('has cancelled it by saying so', async () => {
    const session = await legacySession(rig.endpoint);
    const call = await session.call(9, 'new-http__hold', { label: 'said' });
    await rig.noted('new-http', 'waiting said');
    call.drop();
    await session.notify('notifications/cancelled', { requestId: 9 });
    await rig.noted('new-http', 'cancelled said');
  });
});

it.each(['old-http', 'old-pipe'] as const)(
  'a call that a client of 2025-11-25 cancels while it is asked something leaves nothing waiting at %s',
  async (server) => {
    const session = await legacySession(rig.endpoint, { capabilities: { elicitation: {} } });
    const call = await session.call(11, `${server}__ask`, { kind: 'elicit', label: 'open' });
    const question = await call.nextMessage();
    expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'open 1' } });
    await session.notify('notifications/cancelled', { requestId: 11 });
    await rig.noted(server, 'answered open cancel');
    // Over a pipe, a call that still waited would keep its server from asking anybody else.
    await using client = await legacyClient(rig.places.http);
    expect(await client.call(`${server}__ask`, { kind: 'elicit', label: 'next' })).toMatchObject({
      content: [{ text: 'ada: next 1' }],
    });
    call.drop();
  },
);
