import { expect, it } from 'vitest';
import { modernClient } from '../testing/bridge-clients.ts';
import { bridgeRig } from '../testing/bridge-rig.ts';
import { readEvents, type EventReader } from '../testing/raw-session.ts';

const uri = 'test://old-pipe/watched';
const updates = 10_000;

/** A subscription of a client of 2026-07-28, past its acknowledgement. */
async function listen(endpoint: string): Promise<EventReader> {
  const controller = new AbortController();
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { notifications: { resourceSubscriptions: [uri] }, _meta };
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }),
    signal: controller.signal,
  });
  const events = readEvents(response, controller);
  expect(await events.nextMessage()).toMatchObject({
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: { resourceSubscriptions: [uri] } },
  });
  return events;
}

/** How many updates come until that of the whole resource, which says the rest. */
async function countUpdates(events: EventReader): Promise<number> {
  for (let count = 1; ; count++) {
    const { params } = (await events.nextMessage()) as { params: { uri: string } };
    if (params.uri === uri) return count;
  }
}

it('one who does not read a subscription delays nobody, and is told in few words what was missed', async () => {
  await using rig = await bridgeRig();
  const slow = await listen(rig.endpoint);
  const readers = await Promise.all([listen(rig.endpoint), listen(rig.endpoint)]);

  await using client = await modernClient(rig.places.http);
  const heard = Promise.all(readers.map(countUpdates));
  await client.call('old-pipe__touch', { times: updates });
  for (const count of await heard) expect(count).toBeGreaterThan(0);
  expect(await countUpdates(slow)).toBeLessThan(updates);
  for (const events of [slow, ...readers]) events.drop();
});
