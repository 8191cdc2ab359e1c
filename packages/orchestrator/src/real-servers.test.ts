import { kill } from 'node:process';
import { fileURLToPath } from 'node:url';
import { RawObject } from '@toolyard/protocol';
import { stdioTransport } from '@toolyard/transport-stdio';
import { expect, it, vi } from 'vitest';
import { createOrchestrator } from './create-orchestrator.ts';
import type { Orchestrator } from './orchestrator.ts';
import { ask, call, caller, listen, names } from './testing/harness.ts';

const every = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const memory = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-memory/dist/index.js'));

function fleet(): Orchestrator {
  return createOrchestrator({
    servers: [
      { id: 'every', target: { command: process.execPath, args: [every] } },
      { id: 'memory', target: { command: process.execPath, args: [memory] } },
      { id: 'broken', target: { command: process.execPath, args: ['-e', 'process.exit(3)'] } },
    ],
    transports: [stdioTransport({ stdinGraceMs: 200, termGraceMs: 200 })],
    clientInfo: { name: 'toolyard-test', version: '0' },
    backoff: { initialMs: 50 },
    maxRetries: 3,
  });
}

it('offers what real servers offer, beside one that does not start', async () => {
  await using yard = fleet();
  await yard.start();
  expect(yard.servers().map(({ id, state, leftOut }) => [id, state, leftOut])).toEqual([
    ['every', 'healthy', []],
    ['memory', 'healthy', []],
    ['broken', 'unhealthy', []],
  ]);
  expect(await names(yard)).toEqual(expect.arrayContaining(['every__echo', 'memory__read_graph']));
  const [uri] = await names(yard, 'resources/list');
  expect(await ask(yard, 'resources/read', { uri })).toMatchObject({ contents: [{ uri }] });
  const [prompt] = await names(yard, 'prompts/list');
  expect(await ask(yard, 'prompts/get', { name: prompt })).toMatchObject({ messages: [{ role: 'user' }] });
});

it('passes on the progress of a real server', async () => {
  await using yard = fleet();
  await yard.start();
  const told: string[] = [];
  const params = { name: 'every__trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } };
  await yard.service(
    call('tools/call', params, { progressToken: 'p', notify: async ({ params: said }) => void told.push(said.text) }),
  );
  expect(told.length).toBeGreaterThan(0);
  expect(told.every((text) => text.includes('"progressToken":"p"'))).toBe(true);
});

it('answers the caller when a server is killed in the middle of a call, and has it back soon', async () => {
  await using yard = fleet();
  await yard.start();
  const listening = listen(yard, { toolsListChanged: true });
  await vi.waitFor(() => expect(listening.methods).toEqual(['subscriptions/acknowledged']));
  const pid = yard.servers()[0]?.peer?.pid;
  if (pid === undefined) throw new Error('the server has no process');
  const params = { name: 'every__trigger-long-running-operation', arguments: { duration: 60, steps: 1 } };
  const started = performance.now();
  const failed = ask(yard, 'tools/call', params).catch((error: unknown) => error);
  kill(pid, 'SIGKILL');
  expect(await failed).toMatchObject({ code: 'UPSTREAM_CLOSED' });
  expect(performance.now() - started).toBeLessThan(1000);
  await vi.waitFor(() => expect(yard.servers()[0]).toMatchObject({ state: 'healthy', connects: 2 }), 10_000);
  expect(yard.servers()[0]?.peer?.pid).not.toBe(pid);
  expect(await ask(yard, 'tools/call', { name: 'every__echo', arguments: { message: 'back' } })).toMatchObject({
    content: [{ text: 'Echo: back' }],
  });
  await vi.waitFor(() => expect(listening.methods.slice(1)).toEqual(['tools/list_changed', 'tools/list_changed']));
  listening.stop();
});

it('restarts a real server that waits for an answer, and brings it the answer', async () => {
  await using yard = createOrchestrator({
    servers: [{ id: 'every', target: { command: process.execPath, args: [every] } }],
    transports: [stdioTransport()],
    clientInfo: { name: 'toolyard-test', version: '0' },
  });
  await yard.start();
  const before = yard.servers()[0]?.peer?.pid;
  const who = { caller: { ...caller, principal: 'me', capabilities: RawObject.of({ elicitation: {} }) } };
  const params = { name: 'every__trigger-elicitation-request', arguments: {} };
  const asked = await yard.service(call('tools/call', params, who));
  const restarted = yard.restart('every');
  await vi.waitFor(() => expect(yard.servers()[0]?.peer?.pid).not.toBe(before), 10_000);
  const requestState = asked.result.string('requestState');
  const inputResponses = { q1: { action: 'accept', content: { name: 'Ada' } } };
  const answered = await ask(yard, 'tools/call', { ...params, requestState, inputResponses }, who);
  expect(JSON.stringify(answered)).toContain('Ada');
  expect((await restarted).instances).toMatchObject([{ number: 2, phase: 'up' }]);
});
