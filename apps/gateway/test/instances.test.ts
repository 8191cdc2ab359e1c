import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { referenceServer } from './testing/configurations.ts';
import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  waitFor,
} from './testing/gateway.ts';

const program = referenceServer('everything');
const configuration = (command: string): string =>
  `servers:\n  every: { command: ${command}, args: [${program}, stdio], instances: { min: 2 } }\n`;

let folder: TemporaryFolder;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(await folder.write('toolyard.yaml', configuration('node')), folder.path);
  await waitFor('both processes', async () => ((await upInstances()) === 2 ? true : undefined));
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function upInstances(): Promise<number> {
  const text = await (await fetch(`${new URL(gateway.endpoint).origin}/metrics`)).text();
  return Number(/^toolyard_server_instances\{[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

async function legacyClient(): Promise<LegacyClient> {
  const client = new LegacyClient({ name: 'e2e', version: '1.0.0' });
  await client.connect(new LegacyHttp(new URL(gateway.endpoint)));
  return client;
}

it('a session of a client that nobody authenticated always meets the same process of a server that keeps state', async () => {
  // The server turns something on and off in its process, and says which: a session that met both processes would be told the same twice.
  for (let session = 0; session < 4; session++) {
    const client = await legacyClient();
    const said: string[] = [];
    for (let time = 0; time < 8; time++) {
      const { content } = await client.callTool({ name: 'every__toggle-simulated-logging', arguments: {} });
      said.push(/Started|Stopped/.exec(JSON.stringify(content))?.[0] ?? '');
    }
    expect(said).toEqual(['Started', 'Stopped', 'Started', 'Stopped', 'Started', 'Stopped', 'Started', 'Stopped']);
    await client.close();
  }
});

it('a mistyped command in the file does not take down what runs, says why, and is got over', async () => {
  const client = await legacyClient();
  await folder.write('toolyard.yaml', configuration('nodee'));
  const state = async (): Promise<string | undefined> => (await gateway.health()).servers[0]?.state;
  await waitFor('the state that tells of it', async () => ((await state()) === 'degraded' ? true : undefined));
  expect(gateway.output.stderr).toContain('nodee');
  const echo = { name: 'every__echo', arguments: { message: 'still' } };
  expect(await client.callTool(echo)).toMatchObject({ content: [{ text: 'Echo: still' }] });
  await folder.write('toolyard.yaml', configuration('node'));
  await waitFor('it to be well again', async () => ((await state()) === 'healthy' ? true : undefined));
  expect(await client.callTool(echo)).toMatchObject({ content: [{ text: 'Echo: still' }] });
  await client.close();
});
