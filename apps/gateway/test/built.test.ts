import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { grpcTransport } from '@toolyard/transport-grpc';
import { wsTransport } from '@toolyard/transport-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pidService } from './fixtures/pid-service.ts';
import { fixtureServer } from './testing/configurations.ts';
import { builtToolyard, type RunningGateway, startGateway, temporaryFolder, waitFor } from './testing/gateway.ts';
import { ask, callTool } from './testing/raw-client.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const serverInfo = { name: 'far', version: '1.0.0' };
const dist = dirname(builtToolyard.args[0] ?? '');

describe('the command as it is published', () => {
  const open = new AsyncDisposableStack();
  let gateway: RunningGateway;
  let loaded: string;
  let spans: string;

  beforeAll(async () => {
    const folder = open.use(await temporaryFolder());
    loaded = join(folder.path, 'loaded');
    spans = join(folder.path, 'spans');
    const grpc = open.use(await grpcTransport().serve(pidService, { serverInfo }));
    const ws = open.use(await wsTransport().serve(pidService, { serverInfo }));
    const config = await folder.write(
      'toolyard.yaml',
      `servers:
${fixtureServer('stdio', [join(folder.path, 'journal')])}
  grpc: { url: "${grpc.address}" }
  ws: { url: "${ws.address}" }
profiles:
  find: { mode: search }
`,
    );
    const NODE_OPTIONS = ['register-spans.ts', 'note-loaded.ts'].map((name) => `--import=${fixture(name)}`).join(' ');
    const environment = { NODE_OPTIONS, LOADED: loaded, SPANS: spans };
    gateway = open.use(await startGateway(config, folder.path, [], environment, builtToolyard));
  });
  afterAll(() => open.disposeAsync());

  it('calls servers over each wire, finds tools, and loads nothing but its own files for that', async () => {
    for (const server of ['stdio', 'grpc', 'ws']) {
      const { message } = await callTool(gateway.endpoint, `${server}__pid`);
      expect(Number(message.result?.content?.[0]?.text)).toBeGreaterThan(0);
    }
    const params = { name: 'find_tools', arguments: { query: 'the id of the process' } };
    const { text } = await ask(`${gateway.endpoint}/find`, 'tools/call', params);
    expect(text).toContain('stdio__pid');
    const metrics = await fetch(new URL('/metrics', gateway.endpoint));
    expect(await metrics.text()).toContain('toolyard_requests_total');

    const files = (await readFile(loaded, 'utf8')).trim().split('\n');
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => dirname(file) !== dist)).toEqual([]);
  });

  it('tells spans to a provider that was registered with another copy of the API', async () => {
    await callTool(gateway.endpoint, 'stdio__pid');
    const names = await waitFor('the spans', async () => {
      const text = await readFile(spans, 'utf8').catch(() => '');
      return text.includes('tools/call stdio__pid') ? text : undefined;
    });
    expect(names).toContain('"toolyard.server":"stdio"');
  });

  it('comes with the licenses of what the packages in it depend on', async () => {
    const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));
    // Only imported when it is asked for, and installed beside the bundle.
    const installed = ['ioredis'];
    const wires = ['http', 'stdio', 'ws', 'grpc'].map((wire) => `transport-${wire}`);
    const names = ['protocol', 'registry', 'orchestrator', 'cache', 'native-index', ...wires];
    const manifests = await Promise.all(names.map((name) => readFile(join(packages, name, 'package.json'), 'utf8')));
    const bundled = manifests
      .flatMap((text) => Object.keys((JSON.parse(text) as { readonly dependencies: object }).dependencies))
      .filter((name) => !name.startsWith('@toolyard/') && !installed.includes(name));
    expect(bundled).toContain('zod');
    const licenses = await readFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const named = new Set(Array.from(licenses.matchAll(/^-{80}\n(\S+) \S+ \(.+\)$/gm), ([, name]) => name));
    expect(bundled.filter((name) => !named.has(name))).toEqual([]);
    expect(licenses).toContain('Copyright (c) 2025 Colin McDonnell');
  });
});
