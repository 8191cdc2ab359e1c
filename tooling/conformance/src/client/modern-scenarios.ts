import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

type Scenario = (client: Client, context: Context) => Promise<unknown>;

/** What a scenario hands to its client. */
export interface Context {
  readonly url: URL;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];
}

const call = (client: Client, name: string, given: Readonly<Record<string, unknown>> = {}) =>
  client.callTool({ name, arguments: { ...given } });

/** What a client of 2026-07-28 does in each scenario. */
export const modernScenarios: Readonly<Record<string, Scenario>> = {
  async tools_call(client) {
    await client.listTools();
    return await call(client, 'add_numbers', { a: 5, b: 3 });
  },
  'request-metadata': (client) => client.listTools(),
  async 'sep-2322-client-request-state'(client) {
    await client.listTools();
    let between: Promise<unknown> | undefined;
    client.setRequestHandler('elicitation/create', async () => {
      // Another call while the first waits for its answer: neither may see anything of the other.
      await (between ??= call(client, 'test_mrtr_unrelated'));
      return { action: 'accept' as const, content: { confirmed: true } };
    });
    await call(client, 'test_mrtr_echo_state');
    await call(client, 'test_mrtr_no_state');
    return await call(client, 'test_mrtr_no_result_type');
  },
  async 'json-schema-2020-12-preservation'(client) {
    const { tools } = await client.listTools();
    return await call(client, 'json_schema_echo', {
      schema: tools.find(({ name }) => name === 'json_schema_2020_12_tool')?.inputSchema,
    });
  },
  async 'http-standard-headers'(client) {
    const { tools } = await client.listTools();
    for (const { name } of tools) await call(client, name);
    const { resources } = await client.listResources();
    for (const { uri } of resources) await client.readResource({ uri });
    const { prompts } = await client.listPrompts();
    for (const { name } of prompts) await client.getPrompt({ name });
  },
  async 'http-custom-headers'(client, { toolCalls }) {
    await client.listTools();
    for (const { name, arguments: given } of toolCalls) await call(client, name, given);
  },
  async 'http-invalid-tool-headers'(client, { url }) {
    await client.listTools();
    await call(client, 'valid_tool', { region: 'here' });
    // The SDK leaves bad tools out by itself. Whether the gateway does shows without it: the suite counts who is called.
    const { tools } = await post<{ tools: { name: string }[] }>(url, 'tools/list', {});
    for (const { name } of tools) await post(url, 'tools/call', { name, arguments: {} });
  },
  async 'json-schema-ref-no-deref'(client) {
    const { tools } = await client.listTools();
    // The suite's server has no such tool to call; what matters is what is fetched on the way.
    for (const { name } of tools) await call(client, name, { id: 'someone', profile: {} }).catch(() => undefined);
  },
};

/** A request without the SDK's opinions. */
async function post<R>(
  url: URL,
  method: string,
  params: { readonly name?: string; readonly arguments?: object },
): Promise<R> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(params.name === undefined ? {} : { 'mcp-name': params.name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
  });
  const { result } = (await response.json()) as { result: R };
  return result;
}

/** Runs a scenario with the official client of 2026-07-28, which answers questions by itself and calls again. */
export async function runModern(scenario: Scenario, context: Context): Promise<void> {
  const client = new Client(
    { name: 'toolyard-conformance', version: '1.0.0' },
    {
      capabilities: { elicitation: {}, sampling: {}, roots: {} },
      versionNegotiation: { mode: { pin: '2026-07-28' } },
    },
  );
  client.setRequestHandler('elicitation/create', () => ({ action: 'cancel' as const }));
  await client.connect(new StreamableHTTPClientTransport(context.url));
  try {
    await scenario(client, context);
  } finally {
    await client.close();
  }
}
