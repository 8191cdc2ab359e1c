import { fileURLToPath } from 'node:url';

import { type Connection, createCall, type Listener, RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { httpTransport } from '@toolyard/transport-http';
import { describe, expect, it } from 'vitest';

import { runToolyard, startGateway, temporaryFolder } from './testing/gateway.ts';

const http = httpTransport();
const extensions = { 'io.modelcontextprotocol/tasks': {} };
const clientInfo = { name: 'tester', version: '1' };
const caller = {
  principal: 'anonymous',
  tenant: 'default',
  clientInfo: RawObject.of(clientInfo),
  capabilities: RawObject.of({ extensions }),
};

/** A server that outlives the gateway, of 2026-07-28: three tools, of which each call is task `t`. */
function startTaskServer(): Promise<Listener> {
  const complete = (members: Readonly<Record<string, unknown>>) => ({
    result: RawObject.of({ resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...members }),
  });
  const service: Service = async ({ method, params }) => {
    switch (method) {
      case 'server/discover':
        return complete({ supportedVersions: ['2026-07-28'], capabilities: { tools: {}, extensions } });
      case 'tools/list':
        return complete({ tools: ['a', 'b', 'c'].map((name) => ({ name, inputSchema: { type: 'object' } })) });
      case 'tools/call':
        return { result: RawObject.of({ resultType: 'task', taskId: 't', status: 'working', ttlMs: null }) };
      case 'tasks/get':
        return complete({ taskId: params.string('taskId'), status: 'working', ttlMs: null });
      default:
        throw new ToolyardError('METHOD_UNKNOWN', { method }, `There is no ${method} here.`);
    }
  };
  return http.serve(service, { serverInfo: { name: 'tasks', version: '1.0.0' } });
}

function connect(endpoint: string): Promise<Connection> {
  return http.connect({ url: endpoint }, { upstream: 'gateway', clientInfo });
}

/** What a gateway hands out: a cursor for the second page, and the id of a task. */
async function handedOut(endpoint: string): Promise<{ readonly cursor: string; readonly taskId: string }> {
  await using gateway = await connect(endpoint);
  const page = await gateway.service(createCall('tools/list', { caller }));
  const task = await gateway.service(createCall('tools/call', { params: { name: 'far__a', arguments: {} }, caller }));
  return { cursor: page.result.string('nextCursor') ?? '', taskId: task.result.string('taskId') ?? '' };
}

/** What becomes of them: the names on that page, and the status of the task; else the errors on the wire. */
async function used(endpoint: string, { cursor, taskId }: { cursor: string; taskId: string }): Promise<unknown[]> {
  await using gateway = await connect(endpoint);
  const ask = async (method: string, params: Record<string, unknown>, member: string): Promise<unknown> => {
    try {
      const { result } = await gateway.service(createCall(method, { params, caller }));
      return result.member(member)?.value;
    } catch (error) {
      return ToolyardError.is(error, 'UPSTREAM_ERROR') ? error.facts.error.text : error;
    }
  };
  return [await ask('tools/list', { cursor }, 'tools'), await ask('tasks/get', { taskId }, 'status')];
}

const good = [[{ name: 'far__b', inputSchema: { type: 'object' } }], 'working'];
const refused = [
  expect.stringContaining('"code":"CURSOR_INVALID"'),
  '{"code":-32602,"message":"There is no such task.","data":{"code":"INVALID_PARAMS","reason":"There is no such task."}}',
];

function configuration(upstream: Listener, more = ''): string {
  return `servers:\n  far: { url: "${upstream.address}" }\norchestration: { pageSize: 1 }\n${more}`;
}

describe('a cursor and the id of a task', () => {
  it('are good after a restart with the same data folder, and not with another', async () => {
    await using upstream = await startTaskServer();
    await using folder = await temporaryFolder();
    const file = await folder.write('toolyard.yaml', configuration(upstream));
    const before = await startGateway(file, `${folder.path}/data`);
    const given = await handedOut(before.endpoint);
    expect(await used(before.endpoint, given)).toEqual(good);
    await before[Symbol.asyncDispose]();
    await using after = await startGateway(file, `${folder.path}/data`);
    expect(await used(after.endpoint, given)).toEqual(good);
    await using stranger = await startGateway(file, `${folder.path}/other`);
    expect(await used(stranger.endpoint, given)).toEqual(refused);
  });

  it('are good at every gateway of the same configured secret, and of no other', async () => {
    await using upstream = await startTaskServer();
    await using folder = await temporaryFolder();
    const start = async (name: string, secret: string) =>
      startGateway(
        await folder.write(`${name}.yaml`, configuration(upstream, `secret: "${secret}"\n`)),
        `${folder.path}/${name}`,
      );
    const secret = '5e'.repeat(32);
    const [one, other, stranger] = await Promise.all([
      start('a', secret),
      start('b', secret),
      start('c', '7a'.repeat(32)),
    ]);
    await using _ = { [Symbol.asyncDispose]: () => disposeAll([one, other, stranger]) };
    const given = await handedOut(one.endpoint);
    expect(await used(other.endpoint, given)).toEqual(good);
    expect(await used(stranger.endpoint, given)).toEqual(refused);
  });

  it('are good at both of two gateways that start at once in a new data folder', async () => {
    await using upstream = await startTaskServer();
    await using folder = await temporaryFolder();
    const file = await folder.write('toolyard.yaml', configuration(upstream));
    const [one, other] = await Promise.all([1, 2].map(() => startGateway(file, `${folder.path}/data`)));
    if (one === undefined || other === undefined) throw new Error('both were started');
    await using _ = { [Symbol.asyncDispose]: () => disposeAll([one, other]) };
    expect(await used(other.endpoint, await handedOut(one.endpoint))).toEqual(good);
    expect(await used(one.endpoint, await handedOut(other.endpoint))).toEqual(good);
  });
});

describe('a retry with the answer to a question', () => {
  it('is told by a gateway of the same secret that its call waits elsewhere, and goes on where it waits', async () => {
    await using folder = await temporaryFolder();
    const program = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
    const file = await folder.write('toolyard.yaml', `servers:\n  all: { command: node, args: [${program}, stdio] }\n`);
    const [here, there] = await Promise.all([1, 2].map(() => startGateway(file, folder.path)));
    if (here === undefined || there === undefined) throw new Error('both were started');
    await using _ = { [Symbol.asyncDispose]: () => disposeAll([here, there]) };
    const asked = { ...caller, capabilities: RawObject.of({ elicitation: { form: {} } }) };
    const call = async (endpoint: string, more: Record<string, unknown>): Promise<RawObject> => {
      await using gateway = await connect(endpoint);
      const params = { name: 'all__trigger-elicitation-request', arguments: {}, ...more };
      return (await gateway.service(createCall('tools/call', { params, caller: asked }))).result;
    };
    const question = await call(here.endpoint, {});
    const inputResponses = Object.fromEntries(
      (question.object('inputRequests')?.keys() ?? []).map((key) => [key, { action: 'decline' }]),
    );
    const retry = { inputResponses, requestState: question.string('requestState') };
    const refusal: unknown = await call(there.endpoint, retry).catch((error: unknown) => error);
    expect(ToolyardError.is(refusal, 'UPSTREAM_ERROR') && refusal.facts.error.value).toMatchObject({
      code: -32602,
      data: {
        code: 'STATE_INVALID',
        reason: 'that of a call that waits at another node, or was lost when its node restarted: call again without it',
      },
    });
    expect((await call(here.endpoint, retry)).member('content')?.text).toContain('declined');
  });
});

it('names the line of a secret that is too short, and not the secret', async () => {
  await using folder = await temporaryFolder();
  const file = await folder.write('toolyard.yaml', 'servers: {}\nsecret: ${SHORT}\n');
  const { code, stderr } = await runToolyard(['up', file, '--port', '0'], {
    SHORT: 'deadbeef',
    TOOLYARD_DATA: folder.path,
  });
  expect(code).toBe(2);
  expect(stderr).toContain(`${file}:2:9  secret: these are 4 bytes; a secret has at least 32 random bytes`);
  expect(stderr).not.toContain('deadbeef');
});

async function disposeAll(all: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(all.map((each) => each[Symbol.asyncDispose]()));
}
