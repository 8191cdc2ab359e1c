import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eras, legacyClient } from '../testing/bridge-clients.ts';
import { type BridgeRig, bridgeRig, serverIds } from '../testing/bridge-rig.ts';
import { waitFor } from '../testing/gateway.ts';

const done = 'notifications/elicitation/complete';
let rig: BridgeRig;
beforeAll(async () => {
  rig = await bridgeRig(['--log-level', 'debug']);
});
afterAll(() => rig[Symbol.asyncDispose]());

describe.each(eras)('a client of $era', ({ era, open }) => {
  it.each(serverIds)(
    'is sent to a page where %s refuses a call until its user was there, and the call goes on',
    async (server) => {
      await using client = await open(rig.places.http);
      expect(await client.call(`${server}__page`)).toMatchObject({ content: [{ text: 'through' }] });
      expect(client.asked).toEqual(['Open it']);
    },
  );

  it.each(serverIds)(
    'is asked to open a page in a call to %s, and told when that is done if its revision has a word for it',
    async (server) => {
      await using client = await open(rig.places.http);
      await using other = await open(rig.places.http);
      expect(await client.call(`${server}__visit`)).toMatchObject({ content: [{ text: 'through' }] });
      await client.call(`${server}__panel`);
      const told = era === '2025-11-25' ? [done] : [];
      await vi.waitFor(() => expect(client.heard).toEqual(told));
      expect(other.heard).toEqual([]);
    },
  );
});

it.each(['old-http', 'old-pipe'] as const)(
  'what %s says of a page after its call has ended is dropped with a line in the log',
  async (server) => {
    const lines = (): number =>
      rig.output.stderr.split('a page was completed that no call in flight has asked for').length;
    await using client = await legacyClient(rig.places.http);
    const before = lines();
    await client.call(`${server}__visit`, { late: true });
    await waitFor('the line', () => (lines() > before ? true : undefined));
    await client.call(`${server}__panel`);
    expect(client.heard).toEqual([]);
  },
);
