import { expect, it } from 'vitest';
import { eras, modernClient } from '../testing/bridge-clients.ts';
import { bridgeRig } from '../testing/bridge-rig.ts';
import { waitFor } from '../testing/gateway.ts';

it('callers do not notice that a server of 2025-11-25 has forgotten its sessions, and a call that may have run is not made twice', async () => {
  await using rig = await bridgeRig();
  for (const { open } of eras) {
    await using client = await open(rig.places.http);
    const before = (await rig.journal('old-http')).filter((line) => line === 'session').length;
    await rig.oldHttp.forgetSessions();
    expect(await client.call('old-http__panel')).toMatchObject({ content: [{ text: 'panel' }] });
    expect(await client.read('ui://old-http/panel')).toMatchObject({ contents: [{ text: '<p>panel</p>' }] });
    const after = (await rig.journal('old-http')).filter((line) => line === 'session').length;
    expect(after).toBeGreaterThan(before);
  }

  await using client = await modernClient(rig.places.http);
  const lost = client.call('old-http__hold', { label: 'lost' });
  await rig.noted('old-http', 'waiting lost');
  await rig.oldHttp.forgetSessions();
  await expect(lost).rejects.toMatchObject({ data: { code: 'UPSTREAM_CLOSED' } });
  await waitFor('the tool to be there', async () => {
    const reply: unknown = await client.call('old-http__panel').catch(() => undefined);
    return reply;
  });
  expect((await rig.journal('old-http')).filter((line) => line === 'waiting lost')).toHaveLength(1);
});
