import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
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

  it('every server is up', async () => {
    expect(await gateway.health()).toMatchObject({
      code: 200,
      status: 'ok',
      servers: [
        { id: 'everything', state: 'healthy', wire: 'streamable-http' },
        { id: 'files', state: 'healthy', wire: 'stdio' },
        { id: 'memory', state: 'healthy', wire: 'stdio' },
        { id: 'thinking', state: 'healthy', wire: 'stdio' },
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
});
