import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  type RunningGateway,
  startGateway,
  temporaryFolder,
  type TemporaryFolder,
  waitFor,
} from '../testing/gateway.ts';
import { ask, lastMessage, listen } from '../testing/raw-client.ts';

const fixture = fileURLToPath(new URL('../fixtures/bridge/task-server.ts', import.meta.url));
const capabilities = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };

interface Task {
  readonly resultType: string;
  readonly taskId: string;
  readonly status: string;
  readonly ttlMs: number;
  readonly pollIntervalMs: number;
  readonly inputRequests?: Readonly<Record<string, { readonly method: string }>>;
  readonly result?: unknown;
}

const opened = new AsyncDisposableStack();
let folder: TemporaryFolder;
let gateway: RunningGateway;
const notes = async (wire: string): Promise<string> =>
  readFile(join(folder.path, `${wire}.txt`), 'utf8').catch(() => '');

async function startServer(journal: string): Promise<AsyncDisposable & { readonly port: string }> {
  const child = spawn(process.execPath, [fixture, 'http', journal], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line: unknown[] = await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  return {
    port: String(line[0]).trim(),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

beforeAll(async () => {
  folder = opened.use(await temporaryFolder());
  const server = opened.use(await startServer(join(folder.path, 'http.txt')));
  const stdio = JSON.stringify([fixture, 'stdio', join(folder.path, 'stdio.txt')]);
  const config = `servers:\n  stdio: { command: node, args: ${stdio} }\n  http: { url: "http://127.0.0.1:${server.port}/mcp" }\n`;
  gateway = opened.use(await startGateway(await folder.write('toolyard.yaml', config), folder.path));
});
afterAll(() => opened.disposeAsync());

describe.each(['stdio', 'http'])('the tasks of a server of 2025-11-25 over %s', (wire) => {
  async function legacyClient(): Promise<Client> {
    const client = new Client({ name: 'e2e', version: '1.0.0' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Ada' } }));
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.endpoint)));
    return client;
  }

  async function modern<T = Task>(method: string, params: Record<string, unknown>): Promise<T> {
    const taskId = params['taskId'];
    const headers = typeof taskId === 'string' ? { 'mcp-name': taskId } : {};
    const { text, message } = await ask(gateway.endpoint, method, params, { capabilities, headers });
    if (message.error !== undefined) throw new Error(text);
    return (JSON.parse(lastMessage(text)) as { result: T }).result;
  }

  const call = (tool: string): Promise<Task> => modern('tools/call', { name: `${wire}__${tool}`, arguments: {} });

  function until(taskId: string, status: string): Promise<Task> {
    return waitFor(`the task to be ${status}`, async () => {
      const task = await modern('tasks/get', { taskId });
      return task.status === status ? task : undefined;
    });
  }

  it('are no concern of the official client 1.x, which gets the result', async () => {
    const client = await legacyClient();
    expect(client.getServerCapabilities()).not.toHaveProperty('tasks');
    const { tools } = await client.listTools();
    const mine = tools.filter(({ name }) => name.startsWith(wire));
    expect(mine.map(({ name }) => name)).toEqual(['slow', 'maybe', 'hang', 'ask'].map((name) => `${wire}__${name}`));
    expect(mine.filter((tool) => 'execution' in tool)).toEqual([]);
    const progress: number[] = [];
    const options = { onprogress: (told: { progress: number }) => void progress.push(told.progress) };
    expect(await client.callTool({ name: `${wire}__slow`, arguments: {} }, undefined, options)).toEqual({
      content: [{ type: 'text', text: 'done slowly' }],
    });
    expect(progress).toEqual([1, 2, 3]);
    expect(await client.callTool({ name: `${wire}__maybe`, arguments: {} })).toMatchObject({
      content: [{ text: 'done' }],
    });
    await client.close();
  });

  it('ask the official client 1.x what they want to know', async () => {
    const client = await legacyClient();
    expect(await client.callTool({ name: `${wire}__ask`, arguments: {} })).toMatchObject({
      content: [{ text: 'accept: Ada' }],
    });
    await client.close();
  });

  it('end when that client gives up', async () => {
    const client = await legacyClient();
    const before = await notes(wire);
    const gone = new AbortController();
    const given = client.callTool({ name: `${wire}__hang`, arguments: {} }, undefined, { signal: gone.signal });
    setTimeout(() => gone.abort(), 300);
    await expect(given).rejects.toThrow();
    await waitFor('the task to be cancelled', async () => ((await notes(wire)) === before ? undefined : true));
    await client.close();
  });

  it('are the extension to a client of 2026-07-28 that declares it', async () => {
    const discovery = await modern<{ capabilities: unknown }>('server/discover', {});
    expect(discovery.capabilities).toMatchObject({ extensions: { 'io.modelcontextprotocol/tasks': {} } });
    const created = await call('slow');
    expect(created).toMatchObject({
      resultType: 'task',
      status: 'working',
      ttlMs: 3_600_000,
      pollIntervalMs: 100,
      createdAt: expect.any(String),
      lastUpdatedAt: expect.any(String),
    });
    const ended = await until(created.taskId, 'completed');
    expect(ended).toMatchObject({
      resultType: 'complete',
      taskId: created.taskId,
      result: { content: [{ type: 'text', text: 'done slowly' }] },
    });
    expect(ended.result).toEqual({ content: [{ type: 'text', text: 'done slowly' }] });
    expect(await call('maybe')).toMatchObject({ resultType: 'task' });
  });

  it('ask that client what they want to know, and take its answer', async () => {
    const { taskId } = await call('ask');
    const asking = await until(taskId, 'input_required');
    expect(asking.inputRequests).toEqual({
      q1: { method: 'elicitation/create', params: expect.objectContaining({ message: 'Who?' }) },
    });
    const inputResponses = { q1: { action: 'accept', content: { name: 'Grace' } } };
    expect(await modern('tasks/update', { taskId, inputResponses })).toMatchObject({ resultType: 'complete' });
    expect((await until(taskId, 'completed')).result).toMatchObject({ content: [{ text: 'accept: Grace' }] });
  });

  it('are cancelled by that client, and told of in its subscriptions', async () => {
    const { taskId } = await call('hang');
    const events = await listen(gateway.endpoint, { taskIds: [taskId] }, { capabilities });
    expect(await events.nextMessage()).toMatchObject({ params: { notifications: { taskIds: [taskId] } } });
    expect(await events.nextMessage()).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, status: 'working' },
    });
    await modern('tasks/cancel', { taskId });
    expect(await events.nextMessage()).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, status: 'cancelled' },
    });
    expect(await modern('tasks/get', { taskId })).toMatchObject({ status: 'cancelled' });
    events.drop();
  });

  it('are unknown under ids that were not given out', async () => {
    const headers = { 'mcp-name': 'made-up' };
    const answer = await ask(gateway.endpoint, 'tasks/get', { taskId: 'made-up' }, { capabilities, headers });
    expect(answer.message.error?.code).toBe(-32602);
  });
});
