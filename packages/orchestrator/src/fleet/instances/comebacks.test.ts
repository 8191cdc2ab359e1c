import { type Caller, createParking, type Parking, RawObject } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Orchestrator } from '../../orchestrator.ts';
import { createOrchestrator } from '../../create-orchestrator.ts';
import { askingServer, type AskingServer } from '../../testing/asking-server.ts';
import { fakeServer, fakeTransport, tool } from '../../testing/fake-server.ts';
import { ask, call, caller } from '../../testing/harness.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tick = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const extensions = { 'io.modelcontextprotocol/tasks': {} };
const me = { ...caller, principal: 'me', capabilities: RawObject.of({ elicitation: {}, extensions }) };
const target = { url: 'asking:old' };
const from = (instance: number): unknown => ({ content: [{ type: 'text', text: `instance ${instance}` }] });

interface Yard extends AsyncDisposable {
  readonly yard: Orchestrator;
  readonly server: AskingServer;
}

async function open(instances = 1, parking?: Parking): Promise<Yard> {
  const server = askingServer(parking);
  const modern = fakeServer({ tools: [tool('ask')], answers: { 'tools/call': () => ({ modern: true }) } });
  const yard = createOrchestrator({
    servers: [{ id: 'old', target, instances: { min: instances, max: 4 } }],
    transports: [server.transport, fakeTransport({ modern })],
    clientInfo: { name: 'toolyard-test', version: '0' },
  });
  await yard.start();
  return { yard, server, [Symbol.asyncDispose]: () => yard.close() };
}

/** Calls, and gives the state under which the call waits for an answer. */
async function park(yard: Orchestrator): Promise<string> {
  const asking = yard.service(call('tools/call', { name: 'old__ask' }, { caller: me }));
  await tick(50);
  return (await asking).result.string('requestState') ?? '';
}

function answer(yard: Orchestrator, requestState: string): Promise<unknown> {
  const inputResponses = { q1: { action: 'accept', content: {} } };
  return ask(yard, 'tools/call', { name: 'old__ask', requestState, inputResponses }, { caller: me });
}

const changes: readonly (readonly [string, (yard: Orchestrator) => Promise<unknown>])[] = [
  ['is restarted', (yard) => yard.restart('old')],
  ['gets another definition', (yard) => yard.deploy('old', { target, tags: ['new'] })],
  ['gets one that speaks another revision', (yard) => yard.deploy('old', { target: { url: 'fake:modern' } })],
  ['gets one that cannot be reached', (yard) => yard.deploy('old', { target: { url: 'fake:nobody' } })],
  ['is stopped', (yard) => yard.drain('old')],
];

describe('a call whose question is with its caller, at a server that', () => {
  it.each(changes)('%s, goes on when its caller comes back', async (_, change) => {
    await using rig = await open();
    const { yard, server } = rig;
    const state = await park(yard);
    const changed = change(yard);
    await tick(20_000);
    expect(server.open).toBeGreaterThan(0);
    expect(await answer(yard, state)).toMatchObject(from(1) as object);
    await tick();
    await changed;
    expect(yard.servers()[0]?.instances.some(({ phase }) => phase === 'draining')).toBe(false);
  });

  it('loses the instance that asked goes on there, wherever its transport keeps such calls', async () => {
    // Each connection has a parking of its own.
    const parkings = [createParking(), createParking()];
    let connects = 0;
    const apart = parkings.map((parking) => askingServer(parking));
    const yard = createOrchestrator({
      servers: [{ id: 'old', target }],
      transports: [
        {
          ...(apart[0]?.transport ?? fakeTransport({})),
          connect: (...given) =>
            apart[connects++ % 2]?.transport.connect(...given) ?? Promise.reject(new Error('none')),
        },
      ],
      clientInfo: { name: 'toolyard-test', version: '0' },
    });
    await using _ = await yard.start().then(() => yard);
    const state = await park(yard);
    const restarted = yard.restart('old');
    await tick(1_000);
    expect(connects).toBe(2);
    expect(await answer(yard, state)).toMatchObject(from(1) as object);
    await restarted;
  });

  it('is asked for less goes on, and its instance goes then', async () => {
    await using rig = await open(3);
    const { yard, server } = rig;
    // One at each instance: a server that others share over a pipe may not ask a second caller.
    const parked: { readonly who: Caller; readonly requestState: string }[] = [];
    for (let n = 0; parked.length < 3; n++) {
      const who = { ...me, principal: `p${n}` };
      const asking = yard.service(call('tools/call', { name: 'old__ask' }, { caller: who }));
      await tick(50);
      const requestState = (await asking).result.string('requestState');
      if (requestState !== undefined) parked.push({ who, requestState });
    }
    const scaled = yard.scale('old', 1);
    await tick(1_000);
    expect(server.open).toBe(3);
    for (const { who, requestState } of parked) {
      const params = { name: 'old__ask', requestState, inputResponses: { q1: { action: 'accept' } } };
      expect(await ask(yard, 'tools/call', params, { caller: who })).toMatchObject({ content: [{ type: 'text' }] });
    }
    await tick();
    expect(server.open).toBe(1);
    await scaled;
  });

  it('drains for as long as it may is refused with a code of its own, and holds nothing up any longer', async () => {
    await using rig = await open();
    const { yard, server } = rig;
    const state = await park(yard);
    const restarted = yard.restart('old', { drainMs: 5_000 });
    await tick(4_999);
    expect(server.open).toBe(2);
    await tick(1);
    await restarted;
    expect(server.open).toBe(1);
    await expect(answer(yard, state)).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });

  it('nobody can call any more is not waited for', async () => {
    await using rig = await open();
    const { yard, server } = rig;
    await park(yard);
    await yard.undeploy('old');
    expect(server.open).toBe(0);
  });
});

describe('what drains', () => {
  it('does not wait longer than a caller may take to come back', async () => {
    await using rig = await open(1, createParking({ ttlMs: 1_000 }));
    const { yard, server } = rig;
    await park(yard);
    const restarted = yard.restart('old');
    await tick(1_001);
    await restarted;
    expect(server.open).toBe(1);
  });

  it('still finishes its calls when the server is removed meanwhile', async () => {
    await using rig = await open();
    const { yard, server } = rig;
    const state = await park(yard);
    const restarted = yard.restart('old');
    await tick(1_000);
    const answering = answer(yard, state);
    const removed = yard.undeploy('old');
    expect(await answering).toMatchObject(from(1) as object);
    await Promise.all([restarted, removed]);
    expect(server.open).toBe(0);
  });
});

describe('a task that a server of an older revision runs', () => {
  it('is found and finished where it runs, though that instance is about to go', async () => {
    await using rig = await open();
    const { yard, server } = rig;
    const taskOf = async (): Promise<Record<string, unknown>> =>
      (await ask(yard, 'tools/call', { name: 'old__job' }, { caller: me })) as Record<string, unknown>;
    const { taskId } = await taskOf();
    const restarted = yard.restart('old');
    await tick(10_000);
    expect(server.open).toBe(2);
    const get = (): Promise<unknown> => ask(yard, 'tasks/get', { taskId }, { caller: me });
    expect(await get()).toMatchObject({ status: 'working', taskId });
    server.finish();
    expect(await get()).toMatchObject({ status: 'completed', result: from(1) });
    await tick();
    await restarted;
    expect(server.open).toBe(1);
    await expect(get()).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });
});
