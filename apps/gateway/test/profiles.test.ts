import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fixtureServer, referenceServer } from './testing/configurations.ts';
import {
  type RunningGateway,
  runToolyard,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  toolyard,
} from './testing/gateway.ts';
import { ask, toolNames } from './testing/raw-client.ts';

const clientInfo = { name: 'e2e', version: '1.0.0' };

const configuration = `servers:
  files: { command: node, args: [${referenceServer('filesystem')}, .], tags: [local] }
  memory: { command: node, args: [${referenceServer('memory')}], tags: [local, notes], env: { MEMORY_FILE_PATH: "\${TOOLYARD_DATA}/memory.jsonl" } }
  everything: { command: node, args: [${referenceServer('everything')}, stdio] }
profiles:
  reading:
    servers: [files]
    tools: { include: ["files__read_text_file", "files__list_*"], exclude: ["*_with_sizes"] }
    rename: { files__read_text_file: read }
    describe: { files__read_text_file: { title: Read, description: Reads a text. } }
  notes:
    tags: [notes]
    servers: [everything]
    tools: { exclude: ["memory__delete_*"] }
    describe: { memory__read_graf: Everything noted. }
`;

let folder: TemporaryFolder;
let file: string;
let gateway: RunningGateway;
let whole: readonly string[];

const at = (profile: string): URL => new URL(`${gateway.endpoint}/${profile}`);

beforeAll(async () => {
  folder = await temporaryFolder();
  file = await folder.write('toolyard.yaml', configuration);
  await folder.write('hello.txt', 'Hello, reader.');
  gateway = await startGateway(file, folder.path);
  whole = await toolNames(gateway.endpoint);
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const readingTools = ['files__list_directory', 'files__list_allowed_directories', 'read'];

describe('a profile of the gateway', () => {
  it('shows the official client 1.x its tools, under its names, and nothing else', async () => {
    const client = new LegacyClient(clientInfo);
    await client.connect(new LegacyHttp(at('reading')));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(readingTools.toSorted());
    expect(tools.find(({ name }) => name === 'read')).toMatchObject({ title: 'Read', description: 'Reads a text.' });
    const said = await client.callTool({ name: 'read', arguments: { path: `${folder.path}/hello.txt` } });
    expect(said.content).toEqual([{ type: 'text', text: 'Hello, reader.' }]);
    await expect(client.callTool({ name: 'files__read_text_file', arguments: {} })).rejects.toThrow('There is no tool');
    await expect(client.callTool({ name: 'memory__read_graph', arguments: {} })).rejects.toThrow('There is no tool');
    await client.close();
  });

  it('shows the official client 2.x another', async () => {
    const client = new ModernClient(clientInfo, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    await client.connect(new ModernHttp(at('notes')));
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names.toSorted()).toEqual(
      whole.filter((name) => !name.startsWith('files__') && !name.startsWith('memory__delete_')).toSorted(),
    );
    const said = await client.callTool({ name: 'everything__echo', arguments: { message: 'hi' } });
    expect(said.content).toEqual([{ type: 'text', text: 'Echo: hi' }]);
    await expect(client.callTool({ name: 'memory__delete_entities', arguments: {} })).rejects.toThrow(
      'There is no tool',
    );
    expect((await client.listPrompts()).prompts.every(({ name }) => name.startsWith('everything__'))).toBe(true);
    await client.close();
  });

  it('serves clients of 2024-11-05 too', async () => {
    const client = new LegacyClient(clientInfo);
    await client.connect(new SSEClientTransport(at('reading/sse')));
    expect((await client.listTools()).tools.map(({ name }) => name).toSorted()).toEqual(readingTools.toSorted());
    await client.close();
  });

  it('keeps resources and prompts of other servers to itself', async () => {
    const { message } = await ask(
      at('reading').href,
      'resources/read',
      { uri: 'demo://resource/static/document/features.md' },
      {
        headers: { 'mcp-name': 'demo://resource/static/document/features.md' },
      },
    );
    expect(message.error?.data?.code).toBe('RESOURCE_UNKNOWN');
  });

  it('leaves everything at the endpoint of all, where none is the default', () => {
    expect(whole).toEqual(expect.arrayContaining(['files__write_file', 'memory__delete_entities', 'everything__echo']));
  });

  it('that is not there is not found, and no other is named', async () => {
    const response = await fetch(at('nobody'), { method: 'POST' });
    const text = await response.text();
    expect(response.status).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ error: { data: { code: 'NOT_FOUND', path: '/mcp/nobody' } } });
    expect(text).not.toMatch(/reading|notes/);
  });

  it('has sessions of its own', async () => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const say = (url: URL | string, method: string, more: Record<string, string> = {}): Promise<Response> => {
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
      return fetch(url, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      });
    };
    const session = (await say(at('reading'), 'initialize')).headers.get('mcp-session-id') ?? '';
    const inside = { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
    expect((await say(at('reading'), 'ping', inside)).status).toBe(200);
    expect((await say(at('notes'), 'ping', inside)).status).toBe(404);
    expect((await say(gateway.endpoint, 'ping', inside)).status).toBe(404);
  });

  it('is in the status, and warned of where it names tools that are not there', async () => {
    const { stdout } = await runToolyard(['status'], { TOOLYARD_URL: gateway.endpoint });
    expect(stdout).toMatch(
      /\nprofile +mode +tools +endpoint\nreading +direct +3 +http:\/\/127\.0\.0\.1:\d+\/mcp\/reading\nnotes +direct +\d+ +http/,
    );
    expect(gateway.output.stderr).toContain(
      'profile notes, memory__read_graf: None of its servers has such a tool. Near: memory__read_graph.',
    );
  });

  it('is asked from the command line', async () => {
    const run = (...args: readonly string[]): ReturnType<typeof runToolyard> =>
      runToolyard(args, { TOOLYARD_URL: gateway.endpoint });
    expect((await run('tools', '--profile', 'reading')).stdout).toMatch(/\nread +Reads a text\.\n/);
    const given = JSON.stringify({ path: `${folder.path}/hello.txt` });
    expect(await run('call', 'read', given, '--profile', 'reading')).toMatchObject({
      code: 0,
      stdout: 'Hello, reader.\n',
    });
    expect(await run('tools', '--profile', 'nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('serves nothing at /mcp/nobody'),
    });
  });
});

describe('a profile over stdio', () => {
  it('is served alone', async () => {
    const args = [...toolyard.args, 'up', file, '--stdio', '--profile', 'reading', '--log-level', 'error'];
    const env = { PATH: process.env['PATH'] ?? '', TOOLYARD_DATA: `${folder.path}/stdio` };
    const client = new LegacyClient(clientInfo);
    await client.connect(new StdioClientTransport({ command: toolyard.command, args, env }));
    expect((await client.listTools()).tools.map(({ name }) => name).toSorted()).toEqual(readingTools.toSorted());
    await client.close();
  });

  it('has to be there', async () => {
    expect(await runToolyard(['up', file, '--stdio', '--profile', 'raeding'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/:\d+:1 {2}profiles: There is no profile "raeding"; there is reading, notes\.\n$/),
    });
  });
});

describe('the profile called default', () => {
  it('is what is served where nothing else is asked for', async () => {
    await using small = await temporaryFolder();
    const journal = `${small.path}/journal`;
    const config = await small.write(
      'toolyard.yaml',
      `servers:\n${fixtureServer('a', [journal])}${fixtureServer('b', [journal])}profiles:\n  default: { servers: [a] }\n  other: { servers: [b] }\n`,
    );
    await using running = await startGateway(config, small.path);
    expect(await toolNames(running.endpoint)).toEqual(['a__wait', 'a__pid']);
    expect(await toolNames(`${running.endpoint}/default`)).toEqual(['a__wait', 'a__pid']);
    expect(await toolNames(`${running.endpoint}/other`)).toEqual(['b__wait', 'b__pid']);
    await using chosen = await startGateway(config, small.path, ['--profile', 'other']);
    expect(await toolNames(chosen.endpoint)).toEqual(['b__wait', 'b__pid']);
  });

  it('hears only of its own servers that go away', async () => {
    await using small = await temporaryFolder();
    const journal = `${small.path}/journal`;
    const config = await small.write(
      'toolyard.yaml',
      `servers:\n${fixtureServer('a', [journal])}${fixtureServer('b', [journal])}profiles:\n  one: { servers: [a] }\n`,
    );
    await using running = await startGateway(config, small.path);
    const hearing = async (endpoint: string): Promise<{ readonly heard: () => number; close(): Promise<void> }> => {
      const client = new LegacyClient(clientInfo);
      let heard = 0;
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard++);
      await client.connect(new LegacyHttp(new URL(endpoint)));
      return { heard: () => heard, close: () => client.close() };
    };
    const [all, one] = await Promise.all([hearing(running.endpoint), hearing(`${running.endpoint}/one`)]);
    const kill = async (name: string): Promise<void> => {
      const { message } = await ask(running.endpoint, 'tools/call', { name, arguments: {} });
      process.kill(Number(message.result?.content?.[0]?.text), 'SIGKILL');
    };
    await kill('b__pid');
    await expect.poll(all.heard, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    expect(one.heard()).toBe(0);
    await kill('a__pid');
    await expect.poll(one.heard, { timeout: 10_000 }).toBeGreaterThanOrEqual(1);
    await Promise.all([all.close(), one.close()]);
  });
});
