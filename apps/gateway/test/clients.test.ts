import { createRequire } from 'node:module';

import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  runProgram,
  type RunningGateway,
  shippedConfiguration,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  toolyard,
} from './testing/gateway.ts';
import { tour } from './testing/tour.ts';

const clientInfo = { name: 'e2e', version: '1.0.0' };
const modern = { versionNegotiation: { mode: { pin: '2026-07-28' } } } as const;
const inspectorProgram = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('through the endpoint of `npm start`', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(shippedConfiguration, folder.path);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it('the official client 1.x, in the 2025 era, uses every server', async () => {
    const client = new LegacyClient(clientInfo);
    await client.connect(new LegacyHttp(new URL(gateway.endpoint)));
    await tour(client);
    await client.close();
  });

  it('the official client 2.x, in the 2026 era, uses every server', async () => {
    const client = new ModernClient(clientInfo, modern);
    await client.connect(new ModernHttp(new URL(gateway.endpoint)));
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    await tour(client);
    await client.close();
  });

  it.each([
    ['tools/list', [], 'memory__read_graph'],
    ['prompts/list', [], 'everything__args-prompt'],
    ['resources/list', [], 'demo://resource/static/document/features.md'],
    ['resources/templates/list', [], 'demo://resource/dynamic/text/{resourceId}'],
    ['tools/call', ['--tool-name', 'files__list_directory', '--tool-arg', 'path=.'], '[DIR] recipes'],
    ['prompts/get', ['--prompt-name', 'everything__args-prompt', '--prompt-args', 'city=Lima'], 'Lima'],
    ['resources/read', ['--uri', 'demo://resource/static/document/features.md'], 'Everything Server'],
  ])('the Inspector in CLI mode does %s', async (method, args, expected) => {
    expect(await inspector([gateway.endpoint, '--method', method, ...args])).toContain(expected);
  });

  it('every server is up', async () => {
    expect(await gateway.health()).toMatchObject({
      code: 200,
      status: 'ok',
      servers: [
        { id: 'everything', state: 'up', wire: 'streamable-http' },
        { id: 'files', state: 'up', wire: 'stdio' },
        { id: 'memory', state: 'up', wire: 'stdio' },
        { id: 'thinking', state: 'up', wire: 'stdio' },
      ],
    });
  });
});

describe('over stdio', () => {
  const command = toolyard.command;
  const args = [...toolyard.args, 'up', shippedConfiguration, '--stdio', '--log-level', 'error'];
  const env = (): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    TOOLYARD_DATA: `${folder.path}/stdio`,
  });

  it('the official client 1.x, in the 2025 era, uses every server', async () => {
    const client = new LegacyClient(clientInfo);
    await client.connect(new LegacyStdio({ command, args, env: env() }));
    await tour(client);
    await client.close();
  });

  it('the official client 2.x, in the 2026 era, uses every server', async () => {
    const client = new ModernClient(clientInfo, modern);
    await client.connect(new ModernStdio({ command, args, env: env() }));
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    await tour(client);
    await client.close();
  });

  it('the Inspector in CLI mode calls a tool', async () => {
    const call = ['--method', 'tools/call', '--tool-name', 'everything__echo', '--tool-arg', 'message=hi'];
    expect(
      await inspector(['-e', `TOOLYARD_DATA=${folder.path}/inspector`, ...call, '--', command, ...args]),
    ).toContain('Echo: hi');
  });
});

async function inspector(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(process.execPath, [inspectorProgram, '--cli', ...args], {
    MCP_CATALOG_PATH: `${folder.path}/catalog.json`,
  });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}
