import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

import { ToolyardError } from '@toolyard/protocol';
import { expect, it } from 'vitest';

import { noAnswer } from './no-answer.ts';

const late = [
  new DOMException('', 'TimeoutError'),
  new ToolyardError('UPSTREAM_TIMEOUT', { upstream: 'gateway', method: 'server/discover', afterMs: 10_000 }, 'Late.'),
];

async function silent(): Promise<{ server: Server; endpoint: URL }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, endpoint: new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/mcp`) };
}

it('tells somebody who says nothing from nobody', async () => {
  const { server, endpoint } = await silent();
  const nobody = {
    exitCode: 69,
    message: `No gateway answers at ${endpoint.origin}; start one with "toolyard up", or name another with --url or TOOLYARD_URL.`,
  };
  for (const cause of late)
    expect(await noAnswer(endpoint, cause)).toMatchObject({
      exitCode: 69,
      message: `What listens at ${endpoint.origin} accepted the connection, but did not answer within 10 s.`,
      cause,
    });
  expect(await noAnswer(endpoint, new Error('fetch failed'))).toMatchObject(nobody);
  server.close();
  await once(server, 'close');
  for (const cause of late) expect(await noAnswer(endpoint, cause)).toMatchObject(nobody);
});
