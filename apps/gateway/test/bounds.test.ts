import { readFile } from 'node:fs/promises';

import { expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import { startGateway, temporaryFolder, waitFor } from './testing/gateway.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { callTool } from './testing/raw-client.ts';
import { legacySession } from './testing/raw-session.ts';

it('holds the calls of all clients together to one bound, whatever their revision and path, and no fewer', async () => {
  await using folder = await temporaryFolder();
  const journal = `${folder.path}/journal`;
  const yaml = `servers:\n${fixtureServer('slow', [journal])}profiles: { side: { servers: [slow] } }\norchestration: { maxInFlight: 3 }\n`;
  await using gateway = await startGateway(await folder.write('toolyard.yaml', yaml), folder.path, ['--drain', '0']);
  const begun = async (calls: number): Promise<true | undefined> => {
    const text = await readFile(journal, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line === 'waiting').length === calls ? true : undefined;
  };
  const session = await legacySession(gateway.endpoint);
  const leaving = new AbortController();
  const gone = callTool(gateway.endpoint, 'slow__wait', leaving.signal).catch(() => 'gone');
  const others = [callTool(`${gateway.endpoint}/side`, 'slow__wait'), session.request('tools/call', 7, wait)];
  await waitFor('three calls to be under way', () => begun(3));

  const refused = await callTool(gateway.endpoint, 'slow__wait');
  expect(refused.status).toBe(429);
  expect(refused.message.error?.data).toMatchObject({ code: 'TOO_MANY_CALLS', limit: 3 });
  expect(await session.request('tools/call', 8, wait)).toMatchObject({ error: { data: { code: 'TOO_MANY_CALLS' } } });
  expect(await gateway.health()).toMatchObject({ code: 200 });

  leaving.abort();
  expect(await gone).toBe('gone');
  const next = await waitFor('room for another', async () => {
    const { message, status } = await callTool(gateway.endpoint, 'slow__pid');
    return status === 200 ? message : undefined;
  });
  expect(next.result?.content?.[0]?.text).toMatch(/^\d+$/);
  gateway.process.kill('SIGTERM');
  await Promise.allSettled(others);
});

it('takes more than a thousand calls at once where the server may have as many, and cancels them at the server', async () => {
  await using folder = await temporaryFolder();
  await using upstream = await startHttpUpstream();
  const yaml = `servers: { slow: { url: ${JSON.stringify(upstream.url)}, calls: { maxConcurrent: 2000 } } }\n`;
  await using gateway = await startGateway(await folder.write('toolyard.yaml', yaml), folder.path);
  const leaving = new AbortController();
  const calls = Array.from({ length: 1_100 }, () => callTool(gateway.endpoint, 'slow__wait', leaving.signal));
  const ended = Promise.allSettled(calls);
  await waitFor('all calls to be at the server', () => (upstream.waiting === calls.length ? true : undefined), 30_000);

  leaving.abort();
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
  await waitFor('the server to hear', () => (upstream.cancelled === calls.length ? true : undefined), 30_000);
});

const wait = { name: 'slow__wait', arguments: {} };
