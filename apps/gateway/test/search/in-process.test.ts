import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import { createOrchestrator, type Orchestrator } from '@toolyard/orchestrator';
import { createCall, RawObject, type Service, type Transport } from '@toolyard/protocol';
import { parseConfiguration } from '@toolyard/registry';
import { grpcTransport } from '@toolyard/transport-grpc';
import { stdioTransport } from '@toolyard/transport-stdio';
import { wsTransport } from '@toolyard/transport-ws';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createSearch } from '../../src/search/search.ts';
import { temporaryFolder, waitFor } from '../testing/gateway.ts';

const manyTools = fileURLToPath(new URL('../fixtures/many-tools-server.ts', import.meta.url));
const configuration = `servers:
  many: { command: "${process.execPath}", args: ["${manyTools}", "50"] }
profiles:
  all: { mode: search }
`;
const info = { name: 'e2e', version: '1.0.0' };
const query = 'archive a customer in the billing system';

const open = new AsyncDisposableStack();
let orchestrator: Orchestrator;
let service: Service;

beforeAll(async () => {
  const folder = open.use(await temporaryFolder());
  const { servers, profiles } = parseConfiguration(configuration, { environment: {}, file: folder.path });
  const transports = [stdioTransport({ environment: process.env })];
  orchestrator = open.use(createOrchestrator({ servers, profiles, transports, clientInfo: info }));
  const search = createSearch({
    orchestrator,
    servers: () => servers,
    data: folder.path,
    log: pino({ level: 'silent' }),
    saved: () => undefined,
  });
  open.defer(() => search.close());
  await orchestrator.start();
  const view = orchestrator.views.get('all');
  if (view === undefined) throw new Error('there is no such profile');
  service = search.serviceOf(view);
});
afterAll(() => open.disposeAsync());

async function ask(to: Service, method: string, params: object = {}): Promise<RawObject> {
  return (await to(createCall(method, { params: RawObject.of({ ...params }) }))).result;
}

describe.each<[string, () => Transport]>([
  ['WebSocket', wsTransport],
  ['gRPC', grpcTransport],
])('over %s, search mode', (_, makeTransport) => {
  it('lists, finds and calls', async () => {
    const transport = makeTransport();
    if (transport.serve === undefined) throw new Error('it does not serve');
    await using listener = await transport.serve(service, { serverInfo: info });
    const target = { url: listener.address };
    await using connection = await transport.connect(target, { upstream: 'gateway', clientInfo: info });
    const called = (name: string, args: object): Promise<RawObject> =>
      ask(connection.service, 'tools/call', { name, arguments: args });
    expect((await ask(connection.service, 'tools/list')).value).toMatchObject({
      tools: [{ name: 'find_tools' }, { name: 'describe_tools' }, { name: 'call_tool' }],
    });
    expect((await called('find_tools', { query, limit: 1 })).value).toMatchObject({
      structuredContent: { tools: [{ name: expect.stringMatching(/^many__\w+_customer_\d+$/) as unknown }] },
    });
    const given = { name: 'many__grow', arguments: { name: 'ripe_mango', description: 'Ripens a mango.' } };
    expect((await called('call_tool', given)).value).toMatchObject({
      content: [{ text: 'grow was called' }],
    });
  });
});

it('serves the official client of 2025-11-25 over WebSocket', async () => {
  await using listener = await wsTransport().serve(service, { serverInfo: info });
  const client = new Client(info);
  await client.connect(new WebSocketClientTransport(new URL(listener.address)));
  expect((await client.listTools()).tools).toHaveLength(3);
  const found = await client.callTool({ name: 'find_tools', arguments: { query } });
  expect(found.content).toMatchObject([{ text: expect.stringContaining('_customer_') as unknown }]);
  await client.close();
});

it('finds the tools of a server for as long as that is deployed', async () => {
  const found = async (): Promise<string | undefined> => {
    const args = { query: 'grow the list', servers: ['kitchen'], limit: 1 };
    const result = await ask(service, 'tools/call', { name: 'find_tools', arguments: args });
    return result.object('structuredContent')?.array('tools')?.[0]?.text;
  };
  expect(await found()).toBeUndefined();
  await orchestrator.deploy('kitchen', { target: { command: process.execPath, args: [manyTools, '0'] } });
  expect(await waitFor('the tools of the kitchen', found)).toContain('"kitchen__grow"');
  await orchestrator.undeploy('kitchen');
  expect(await found()).toBeUndefined();
});
