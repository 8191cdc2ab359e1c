import { fileURLToPath } from 'node:url';

import { RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { grpcTransport } from '@toolyard/transport-grpc';
import { expect, it } from 'vitest';

import { startGateway, temporaryFolder, toolyard, waitFor } from './testing/gateway.ts';
import { callTool, toolNames } from './testing/raw-client.ts';

const serverInfo = { name: 'far', version: '1.0.0' };

/** Has one tool, which says who calls it. */
const whoami: Service = async ({ method, caller }) => {
  const stamp = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  switch (method) {
    case 'server/discover':
      return { result: RawObject.of({ ...stamp, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }) };
    case 'tools/list':
      return { result: RawObject.of({ ...stamp, tools: [{ name: 'whoami', inputSchema: { type: 'object' } }] }) };
    case 'tools/call':
      return { result: RawObject.of({ ...stamp, content: [{ type: 'text', text: caller.principal }] }) };
    default:
      throw new ToolyardError('METHOD_UNKNOWN', { method }, `Unknown method ${method}.`);
  }
};

function identify({ authorization }: Readonly<Record<string, string | Uint8Array | undefined>>): { principal: string } {
  if (authorization === 'Bearer s3cret') return { principal: 'gateway' };
  throw new ToolyardError('UNAUTHENTICATED', { reason: 'unknown token' }, 'Unknown token.');
}

it('a server behind a grpc: URL is used with the credentials of the file, and again when it was away', async () => {
  const grpc = grpcTransport();
  const first = await grpc.serve(whoami, { serverInfo, identify });
  await using folder = await temporaryFolder();
  const auth = (token: string): string => `auth: { type: bearer, token: ${token} }`;
  const config = await folder.write(
    'toolyard.yaml',
    `servers:\n  far: { url: "${first.address}", ${auth('s3cret')} }\n  shut: { url: "${first.address}", ${auth('wrong-token')} }\n`,
  );
  await using gateway = await startGateway(config, folder.path);
  expect(await toolNames(gateway.endpoint)).toEqual(['far__whoami']);
  expect(await gateway.health()).toMatchObject({
    servers: [
      { id: 'far', state: 'healthy' },
      { id: 'shut', state: 'unhealthy' },
    ],
  });
  expect((await callTool(gateway.endpoint, 'far__whoami')).message.result?.content?.[0]?.text).toBe('gateway');

  await first.close();
  await using _ = await grpc.serve(whoami, { serverInfo, identify, port: Number(new URL(first.address).port) });
  const healed = await waitFor('the server to come back', async () => {
    const { message } = await callTool(gateway.endpoint, 'far__whoami');
    return message.result?.content?.[0]?.text;
  });
  expect(healed).toBe('gateway');
  const { stdout, stderr } = gateway.output;
  expect(stdout + stderr).toContain('UPSTREAM_STATUS');
  expect(stdout + stderr).not.toMatch(/s3cret|wrong-token/);
});

it('a server that is to be started first is started, and ends with the gateway', async () => {
  await using folder = await temporaryFolder();
  const fixture = fileURLToPath(new URL('fixtures/grpc-server.ts', import.meta.url));
  const args = JSON.stringify([...toolyard.args.slice(0, -1), fixture, '{port}']);
  const config = await folder.write(
    'toolyard.yaml',
    `servers:\n  own: { url: "grpc://127.0.0.1:{port}", start: { command: "${process.execPath}", args: ${args} } }\n`,
  );
  const gateway = await startGateway(config, folder.path);
  const started = await callTool(gateway.endpoint, 'own__pid');
  const pid = Number(started.message.result?.content?.[0]?.text);
  expect(pid).toBeGreaterThan(0);
  await gateway[Symbol.asyncDispose]();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
