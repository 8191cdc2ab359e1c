import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eras, legacyClient, modernClient } from '../testing/bridge-clients.ts';
import { type BridgeRig, bridgeRig, serverIds } from '../testing/bridge-rig.ts';

let rig: BridgeRig;
beforeAll(async () => {
  rig = await bridgeRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

describe.each(eras)('a client of $era over HTTP', ({ open }) => {
  it.each(serverIds)('answers two questions of each kind in a row in one call to %s', async (server) => {
    await using client = await open(rig.places.http);
    for (const kind of ['elicit', 'sample'] as const) {
      expect(await client.call(`${server}__ask`, { kind, label: kind, times: 2 })).toMatchObject({
        content: [{ text: `ada: ${kind} 1 | ada: ${kind} 2` }],
      });
    }
    expect(await client.call(`${server}__ask`, { kind: 'roots', label: '', times: 2 })).toMatchObject({
      content: [{ text: 'file:///ada | file:///ada' }],
    });
    expect(client.asked).toEqual(['elicit 1', 'elicit 2', 'sample 1', 'sample 2', 'roots', 'roots']);
  });
});

it.each(['old-http', 'new-http', 'new-pipe'] as const)(
  'callers of both eras who are asked by %s at the same time hear their own questions only',
  async (server) => {
    const names = ['ada', 'bob', 'cyd', 'dan'];
    const clients = await Promise.all(
      names.map((name, at) => (at % 2 === 0 ? legacyClient : modernClient)(rig.places.http, name)),
    );
    const replies = await Promise.all(
      clients.map((client, at) => client.call(`${server}__ask`, { kind: 'elicit', label: names[at], times: 2 })),
    );
    expect(replies).toMatchObject(
      names.map((name) => ({ content: [{ text: `${name}: ${name} 1 | ${name}: ${name} 2` }] })),
    );
    expect(clients.map(({ asked }) => asked)).toEqual(names.map((name) => [`${name} 1`, `${name} 2`]));
    for (const client of clients) await client[Symbol.asyncDispose]();
  },
);
