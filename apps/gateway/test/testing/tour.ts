import { expect } from 'vitest';

/** As `expect.stringContaining`, without its `any`. */
function containing(text: string): unknown {
  return expect.stringContaining(text);
}

/** What the clients of both official SDKs have in common. */
export interface AnyClient {
  listTools(): Promise<{ tools: readonly { name: string }[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  listPrompts(): Promise<{ prompts: readonly { name: string }[] }>;
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<unknown>;
  listResources(): Promise<{ resources: readonly { uri: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: readonly { uriTemplate: string }[] }>;
  readResource(params: { uri: string }): Promise<unknown>;
}

/** Lists everything of the shipped configuration, and uses something of every server. */
export async function tour(client: AnyClient): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'everything__echo',
      'files__read_text_file',
      'memory__read_graph',
      'thinking__sequentialthinking',
    ]),
  );
  expect(await client.callTool({ name: 'everything__echo', arguments: { message: 'hello' } })).toMatchObject({
    content: [{ type: 'text', text: 'Echo: hello' }],
  });
  expect(
    await client.callTool({ name: 'files__read_text_file', arguments: { path: 'recipes/pancakes.md' } }),
  ).toMatchObject({
    content: [{ type: 'text', text: containing('Pancakes') }],
  });
  const entities = [{ name: 'Ada', entityType: 'person', observations: ['wrote the first program'] }];
  await client.callTool({ name: 'memory__create_entities', arguments: { entities } });
  expect(await client.callTool({ name: 'memory__read_graph', arguments: {} })).toMatchObject({
    structuredContent: { entities: [expect.objectContaining({ name: 'Ada' })] },
  });
  const thought = { thought: 'one step', thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false };
  expect(await client.callTool({ name: 'thinking__sequentialthinking', arguments: thought })).toMatchObject({
    structuredContent: { thoughtNumber: 1 },
  });

  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toContain('everything__args-prompt');
  expect(await client.getPrompt({ name: 'everything__args-prompt', arguments: { city: 'Lima' } })).toMatchObject({
    messages: [{ role: 'user', content: { type: 'text', text: containing('Lima') } }],
  });

  const { resources } = await client.listResources();
  expect(resources.length).toBeGreaterThan(2);
  const uri = 'demo://resource/static/document/features.md';
  expect(resources.map((resource) => resource.uri)).toContain(uri);
  expect(await client.readResource({ uri })).toMatchObject({
    contents: [{ uri, text: containing('Everything Server') }],
  });
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain(
    'demo://resource/dynamic/text/{resourceId}',
  );
  expect(await client.readResource({ uri: 'demo://resource/dynamic/text/7' })).toMatchObject({
    contents: [{ uri: 'demo://resource/dynamic/text/7', text: containing('7') }],
  });
}
