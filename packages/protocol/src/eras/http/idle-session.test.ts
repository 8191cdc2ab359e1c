import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { ToolyardError } from '../../errors/toolyard-error.ts';
import type { Service } from '../../service.ts';
import { RawObject } from '../../wire/raw-object.ts';
import { httpDoor } from './http-door.ts';
import type { HttpIncoming, HttpOutgoing } from './http-incoming.ts';

const service: Service = async ({ method }) => {
  if (method !== 'server/discover') throw new ToolyardError('METHOD_UNKNOWN', { method }, `There is no ${method}.`);
  return { result: RawObject.of({ resultType: 'complete', capabilities: { tools: { listChanged: true } } }) };
};

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: { roots: {} }, clientInfo: { name: 'idle', version: '1' } },
});

function request(): HttpIncoming {
  const headers: Readonly<Record<string, string>> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  return {
    method: 'POST',
    header: (name) => headers[name],
    // Not from a pool, as what comes from a socket.
    body: new TextEncoder().encode(initialize),
    principal: 'ada',
    tenant: 'default',
  };
}

function response(answered: (status: number) => void): HttpOutgoing {
  return {
    writable: true,
    pendingBytes: 0,
    respond: (status) => answered(status),
    open() {},
    write: () => true,
    drained: () => Promise.resolve(),
    end() {},
    destroy() {},
    attach() {},
  };
}

it('keeps nothing of the requests that opened sessions, for as long as the sessions idle', async () => {
  const door = httpDoor(service, { serverInfo: { name: 'test', version: '1' } });
  const held: WeakRef<object>[] = [];
  const open = (): Promise<number> =>
    new Promise((resolve) => {
      const incoming = request();
      const outgoing = response(resolve);
      held.push(new WeakRef(incoming.body.buffer), new WeakRef(outgoing));
      // As a transport does it: from a function that knows both.
      const bodyRead = (): void => door.handle(incoming, outgoing);
      bodyRead();
    });
  for (let session = 0; session < 20; session += 1) expect(await open()).toBe(200);
  await vi.waitFor(() => {
    setFlagsFromString('--expose-gc');
    runInNewContext('gc()');
    expect(held.filter((reference) => reference.deref() !== undefined)).toEqual([]);
  });
  await door.close();
});
