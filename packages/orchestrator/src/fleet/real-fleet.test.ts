import { fileURLToPath } from 'node:url';
import { httpTransport } from '@toolyard/transport-http';
import { stdioTransport } from '@toolyard/transport-stdio';
import { describe, expect, it } from 'vitest';
import { createOrchestrator } from '../create-orchestrator.ts';
import type { Orchestrator } from '../orchestrator.ts';
import type { ServerEntry } from '../server-entry.ts';
import { ask, names } from '../testing/harness.ts';
import { webServer } from '../testing/web-server.ts';

const every = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));

type Definition = Omit<ServerEntry, 'id'>;

function fleet(): Orchestrator {
  return createOrchestrator({
    servers: [],
    transports: [httpTransport(), stdioTransport({ stdinGraceMs: 200, termGraceMs: 200 })],
    clientInfo: { name: 'toolyard-test', version: '0' },
  });
}

/** Ten callers who call one after the other until they are stopped. Stopping resolves with the number of answers. Any other outcome rejects. */
function traffic(yard: Orchestrator): () => Promise<number> {
  let flows = true;
  let answered = 0;
  const callers = Array.from({ length: 10 }, async (_, caller) => {
    while (flows) {
      const message = `${caller}:${answered}`;
      const result = await ask(yard, 'tools/call', { name: 'one__echo', arguments: { message } });
      expect(result).toMatchObject({ content: [{ type: 'text', text: `Echo: ${message}` }] });
      answered += 1;
    }
  });
  const all = Promise.all(callers);
  // Looked at when it is stopped.
  all.catch(() => undefined);
  return async () => {
    flows = false;
    await all;
    return answered;
  };
}

const up = (count: number): unknown => Array.from({ length: count }, () => expect.objectContaining({ phase: 'up' }));

/** All that can be done with a server, while it is called. */
async function workWith(yard: Orchestrator, first: Definition, second: Definition): Promise<void> {
  await yard.start();
  expect(await yard.deploy('one', first)).toMatchObject({ state: 'healthy', instances: up(1) });
  const stop = traffic(yard);
  expect(await yard.scale('one', 3)).toMatchObject({ state: 'healthy', instances: up(3) });
  expect(await yard.restart('one')).toMatchObject({ state: 'healthy', instances: up(3) });
  expect(await yard.scale('one', 1)).toMatchObject({ state: 'healthy', instances: up(1) });
  expect(await yard.deploy('one', second)).toMatchObject({ name: 'Second', state: 'healthy', instances: up(1) });
  expect(yard.state('one')).toBe('healthy');
  const { result } = await yard.execute('one', { method: 'tools/list' });
  expect(result.text).toContain('"echo"');
  expect(await stop()).toBeGreaterThan(20);
  expect(yard.health()).toMatchObject({ servers: { healthy: 1 }, faults: 0 });

  expect(await yard.drain('one')).toMatchObject({ state: 'stopped', instances: [] });
  expect(await names(yard)).toEqual([]);
  const called = { name: 'one__echo', arguments: { message: 'anyone?' } };
  await expect(ask(yard, 'tools/call', called)).rejects.toMatchObject({ code: expect.any(String) });
  expect(await yard.restart('one')).toMatchObject({ state: 'healthy', instances: up(1) });
  expect(await names(yard)).toContain('one__echo');
  const last = ask(yard, 'tools/call', { name: 'one__echo', arguments: { message: 'last' } });
  await yard.undeploy('one');
  expect(await last).toMatchObject({ content: [{ text: 'Echo: last' }] });
  expect(yard.servers()).toEqual([]);
  expect(() => yard.state('one')).toThrow(expect.objectContaining({ code: 'SERVER_UNKNOWN' }));
}

describe('a server that is called all the time is deployed, scaled, restarted, replaced, drained and undeployed without losing a call', () => {
  it('as processes', async () => {
    await using yard = fleet();
    const target = { command: process.execPath, args: [every] };
    await workWith(yard, { target }, { target, name: 'Second' });
  });

  it('over HTTP', async () => {
    await using before = await webServer();
    await using after = await webServer();
    await using yard = fleet();
    await workWith(yard, { target: { url: before.url } }, { target: { url: after.url }, name: 'Second' });
  });
});
