import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eras } from '../testing/bridge-clients.ts';
import { type RunningGateway, startGateway, temporaryFolder, type TemporaryFolder } from '../testing/gateway.ts';

const program = createRequire(import.meta.url).resolve('@upstash/context7-mcp/dist/index.js');

describe('a published server of 2026-07-28 (Context7, over stdio)', () => {
  let api: Server;
  let folder: TemporaryFolder;
  let gateway: RunningGateway;

  beforeAll(async () => {
    // What the server looks documentation up in, which would be on the Internet.
    api = createServer(({ url = '' }, response) => void response.end(`Looked up ${url}`)).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const address = api.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    folder = await temporaryFolder();
    const env = `{ CONTEXT7_API_URL: "http://127.0.0.1:${port}" }`;
    const servers = `servers:\n  docs: { command: node, args: ["${program}"], env: ${env} }\n`;
    gateway = await startGateway(await folder.write('toolyard.yaml', servers), folder.path);
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    api.close();
  });

  it('is spoken to in its own revision', async () => {
    expect((await gateway.health()).servers).toMatchObject([{ id: 'docs', state: 'healthy', revision: '2026-07-28' }]);
  });

  it.each(eras)('is used by the official client of $era', async ({ open }) => {
    await using client = await open({ url: gateway.endpoint });
    expect((await client.tools()).map(({ name }) => name)).toEqual(['docs__resolve-library-id', 'docs__query-docs']);
    const found = await client.call('docs__query-docs', { libraryId: '/vercel/next.js', query: 'routing' });
    expect(found).toMatchObject({
      content: [{ type: 'text', text: 'Looked up /v2/context?query=routing&libraryId=%2Fvercel%2Fnext.js' }],
    });
    await expect(client.read('nobody://has/this')).rejects.toThrow();
  });
});
