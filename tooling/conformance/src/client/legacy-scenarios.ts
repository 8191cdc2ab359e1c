import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

type Scenario = (client: Client) => Promise<unknown>;

/** What a client of 2025-11-25 does in each scenario. */
export const legacyScenarios: Readonly<Record<string, Scenario>> = {
  initialize: (client) => client.ping(),
  async tools_call(client) {
    await client.listTools();
    return await client.callTool({ name: 'add_numbers', arguments: { a: 5, b: 3 } });
  },
  async 'elicitation-sep1034-client-defaults'(client) {
    // The user accepts without a change; the SDK fills in the defaults of the form.
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }));
    return await client.callTool({ name: 'test_client_elicitation_defaults', arguments: {} });
  },
  async 'json-schema-2020-12-preservation'(client) {
    const { tools } = await client.listTools();
    const schema = tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema;
    return await client.callTool({ name: 'json_schema_echo', arguments: { schema } });
  },
  'sse-retry': (client) => client.callTool({ name: 'test_reconnection', arguments: {} }),
};

/** Runs a scenario with the official client of 2025-11-25. */
export async function runLegacy(scenario: Scenario, url: URL): Promise<void> {
  const client = new Client(
    { name: 'toolyard-conformance', version: '1.0.0' },
    { capabilities: { elicitation: { form: { applyDefaults: true } } } },
  );
  await client.connect(new StreamableHTTPClientTransport(url));
  try {
    await scenario(client);
  } finally {
    await client.close();
  }
}
