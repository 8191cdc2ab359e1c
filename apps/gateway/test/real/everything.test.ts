import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type BridgeClient, eras } from '../testing/bridge-clients.ts';
import { referenceServer } from '../testing/configurations.ts';
import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  waitFor,
} from '../testing/gateway.ts';

const program = referenceServer('everything');
/** The server that exercises all of MCP, over each wire that it has. A gateway for each: they would share the URIs of their resources. */
const wires = [
  { wire: 'stdio', target: `{ command: node, args: [${program}, stdio] }` },
  { wire: 'streamable-http', target: started('mcp', 'streamableHttp') },
  { wire: 'http+sse', target: started('sse', 'sse') },
];

function started(path: string, mode: string): string {
  return `{ url: "http://127.0.0.1:{port}/${path}", start: { command: node, args: [${program}, ${mode}], env: { PORT: "{port}" } } }`;
}

describe.each(wires)('the everything server over $wire', ({ wire, target }) => {
  let folder: TemporaryFolder;
  let gateway: RunningGateway;
  // The server tells of changes in the session that made them. Who declares nothing has another one, where there are several, than who watches.
  const bare = new Client({ name: 'bare', version: '1.0.0' });

  beforeAll(async () => {
    folder = await temporaryFolder();
    const config = await folder.write('toolyard.yaml', `servers:\n  every: ${target}\n`);
    gateway = await startGateway(config, folder.path);
    await bare.connect(new StreamableHTTPClientTransport(new URL(gateway.endpoint)));
  });
  afterAll(async () => {
    await bare.close();
    await gateway[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('is up over that wire', async () => {
    expect((await gateway.health()).servers).toMatchObject([{ id: 'every', state: 'healthy', wire }]);
  });

  describe.each(eras)('for the official client of $era', ({ open }) => {
    let client: BridgeClient;
    const call = async (tool: string, given?: Record<string, unknown>): Promise<string> =>
      textOf(await client.call(`every__${tool}`, given));

    beforeAll(async () => {
      client = await open({ url: gateway.endpoint }, 'ada');
    });
    afterAll(() => client[Symbol.asyncDispose]());

    it('samples', async () => {
      const said = await call('trigger-sampling-request', { prompt: 'capital of France', maxTokens: 5 });
      expect(said).toContain('ada: Resource trigger-sampling-request context: capital of France');
    });

    it('asks its user to fill in a form, and to open a page', async () => {
      const form = await call('trigger-elicitation-request');
      expect(form).toContain('ada: Please provide inputs for the following fields:');
      const page = await call('trigger-url-elicitation', { url: 'https://example.com/consent', elicitationId: 'e-1' });
      expect(page).toContain('User completed the URL elicitation flow');
      expect(client.asked).toContain('Please open the link to complete this action.');
    });

    it('is told the roots', async () => {
      expect(await call('get-roots-list')).toContain('file:///ada');
    });

    it('reports the progress of a long operation, step by step', async () => {
      const steps: number[] = [];
      const options = { onprogress: ({ progress }: { progress: number }) => void steps.push(progress) };
      const result = await client.call(`every__trigger-long-running-operation`, { duration: 0.4, steps: 4 }, options);
      expect(textOf(result)).toContain('Long running operation completed');
      expect(steps).toEqual([1, 2, 3, 4]);
    });

    it('logs', async () => {
      await client.wantLogs('debug');
      expect(await call('toggle-simulated-logging')).toContain('Started');
      await waitFor('a log message', () => client.heard.find((line) => /level[ -]message/.test(line)));
      expect(await call('toggle-simulated-logging')).toContain('Stopped');
    });

    it('tells of a resource that changed to whoever watches it', async () => {
      const uri = 'demo://resource/dynamic/text/1';
      await client.watch(uri);
      const toggled = async (): Promise<string> =>
        textOf(await bare.callTool({ name: 'every__toggle-subscriber-updates' }));
      expect(await toggled()).toContain('Started');
      await waitFor('an update', () => client.heard.find((line) => line === uri));
      expect(await toggled()).toContain('Stopped');
    });

    it('answers with structured content, an image, links and embedded resources', async () => {
      const results = await Promise.all([
        client.call(`every__get-structured-content`, { location: 'Chicago' }),
        client.call(`every__get-tiny-image`),
        client.call(`every__get-resource-links`, { count: 2 }),
        client.call(`every__get-resource-reference`, { resourceType: 'Text', resourceId: 3 }),
      ]);
      expect(results).toMatchObject([
        { structuredContent: { conditions: expect.any(String) as unknown } },
        { content: [{}, { type: 'image', mimeType: 'image/png' }, {}] },
        { content: [{}, { type: 'resource_link' }, { type: 'resource_link' }] },
        { content: [{}, { type: 'resource', resource: { uri: 'demo://resource/dynamic/text/3' } }, {}] },
      ]);
    });
  });
});

function textOf(result: object): string {
  const content: readonly { readonly text?: string }[] =
    'content' in result && Array.isArray(result.content) ? result.content : [];
  return content.map(({ text }) => text ?? '').join('\n');
}
