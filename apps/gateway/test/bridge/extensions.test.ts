import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { startGateway, temporaryFolder } from '../testing/gateway.ts';
import { ask } from '../testing/raw-client.ts';
import { legacySession } from '../testing/raw-session.ts';

const discovery = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { extensions: { 'com.example/clock': {} } },
  ttlMs: 0,
  cacheScope: 'public',
};

/** Of 2026-07-28, with a method of its own whose result is `exact`. */
async function server(exact: string): Promise<AsyncDisposable & { readonly url: string }> {
  const http = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { id, method } = JSON.parse(body) as { id?: unknown; method: string };
      const outcome =
        method === 'server/discover'
          ? `"result":${JSON.stringify(discovery)}`
          : method === 'com.example/time'
            ? `"result":${exact}`
            : '"error":{"code":-32601,"message":"Method not found"}';
      response.writeHead(outcome.startsWith('"error') ? 404 : 200, { 'content-type': 'application/json' });
      response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${outcome}}`);
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/mcp`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

it('a method that nobody here knows passes where one server is addressed, from clients of both eras, and is unknown where several are', async () => {
  const exact = '{"resultType":"complete","at":9007199254740993 , "zone":"\\u0055TC"}';
  await using upstream = await server(exact);
  await using folder = await temporaryFolder();
  const one = await folder.write(
    'one.yaml',
    `orchestration: { naming: flat }\nservers:\n  clock: { url: "${upstream.url}" }\n`,
  );
  {
    await using gateway = await startGateway(one, folder.path);
    const answer = await ask(gateway.endpoint, 'com.example/time', { zone: 'UTC' });
    expect(answer.text).toContain('"at":9007199254740993 , "zone":"\\u0055TC"');
    const session = await legacySession(gateway.endpoint);
    expect(await session.request('com.example/time', 4)).toMatchObject({ id: 4, result: { zone: 'UTC' } });
  }
  const two = await folder.write(
    'two.yaml',
    `servers:\n  clock: { url: "${upstream.url}" }\n  other: { url: "${upstream.url}" }\n`,
  );
  await using gateway = await startGateway(two, folder.path);
  const { status, message } = await ask(gateway.endpoint, 'com.example/time');
  expect({ status, code: message.error?.code }).toEqual({ status: 404, code: -32601 });
});
