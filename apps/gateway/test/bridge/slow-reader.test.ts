import { expect, it } from 'vitest';
import { modernClient } from '../testing/bridge-clients.ts';
import { bridgeRig } from '../testing/bridge-rig.ts';
import { listen } from '../testing/raw-client.ts';
import type { EventReader } from '../testing/raw-session.ts';

const uri = 'test://old-pipe/watched';
const updates = 10_000;

/** A subscription past its acknowledgement. */
async function subscribe(endpoint: string): Promise<EventReader> {
  const events = await listen(endpoint, { resourceSubscriptions: [uri] });
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
  const slow = await subscribe(rig.endpoint);
  const readers = await Promise.all([subscribe(rig.endpoint), subscribe(rig.endpoint)]);

  await using client = await modernClient(rig.places.http);
  const heard = Promise.all(readers.map(countUpdates));
  await client.call('old-pipe__touch', { times: updates });
  for (const count of await heard) expect(count).toBeGreaterThan(0);
  expect(await countUpdates(slow)).toBeLessThan(updates);
  for (const events of [slow, ...readers]) events.drop();
});
