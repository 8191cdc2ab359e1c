import { expect, it } from 'vitest';

import { startGateway, temporaryFolder, waitFor } from './testing/gateway.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { ask, callTool } from './testing/raw-client.ts';

it('while calls end, health says so, whoever asks, and new calls are sent elsewhere; then it is over', async () => {
  await using upstream = await startHttpUpstream();
  await using folder = await temporaryFolder();
  const config = await folder.write('toolyard.yaml', `servers:\n  far: { url: "${upstream.url}" }\n`);
  await using gateway = await startGateway(config, folder.path, ['--drain', '600000']);
  const running = new AbortController();
  const call = callTool(gateway.endpoint, 'far__wait', running.signal);
  await waitFor('the call to arrive', () => (upstream.waiting === 1 ? true : undefined));
  gateway.process.kill('SIGTERM');

  await waitFor('the news', async () => ((await gateway.health()).status === 'stopping' ? true : undefined));
  expect(await gateway.health()).toMatchObject({ code: 503, status: 'stopping', servers: [{ id: 'far' }] });
  const ready = await fetch(new URL('/health/ready', gateway.endpoint));
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'unready', reasons: ['It is stopping.'] }]);
  expect((await fetch(new URL('/health/live', gateway.endpoint))).status).toBe(200);
  const refused = await ask(gateway.endpoint, 'tools/list');
  expect(refused).toMatchObject({ status: 503, message: { error: { data: { code: 'CLOSED' } } } });

  running.abort();
  await expect(call).rejects.toThrow('abort');
  expect(await gateway.exited).toBe(0);
  await expect(gateway.health()).rejects.toThrow('fetch failed');
});
