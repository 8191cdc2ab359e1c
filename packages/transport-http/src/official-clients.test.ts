import { Client as ModernClient, StreamableHTTPClientTransport as ModernWire } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyWire } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type Call, type Listener, RawObject, type Service } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { serverInfo, serviceOf, textReply } from './testing/calls.ts';
import { echo } from './testing/listeners.ts';
import { httpTransport } from './transport.ts';

const tools = {
  echo,
  async steps(call: Call) {
    for (const progress of [1, 2, 3]) {
      await call.notify({
        method: 'notifications/progress',
        params: RawObject.of({ progressToken: call.progressToken, progress, total: 3 }),
      });
    }
    return textReply('three steps');
  },
};

function serve(service: Service = serviceOf(tools)): Promise<Listener> {
  return httpTransport().serve(service, { serverInfo });
}

/** A tool that never answers, and what became of its calls. */
function endless(): { readonly service: Service; readonly started: Promise<void>; readonly aborted: Promise<void> } {
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const wait = (call: Call): Promise<never> => {
    started.resolve();
    return new Promise((_, reject) => {
      call.signal.addEventListener('abort', () => {
        aborted.resolve();
        reject(new Error('aborted'));
      });
    });
  };
  return { service: serviceOf({ wait }), started: started.promise, aborted: aborted.promise };
}

describe('the official client of 2026-07-28', () => {
  async function connect(address: string): Promise<ModernClient> {
    const client = new ModernClient(
      { name: 'tester', version: '1.0.0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new ModernWire(new URL(address)));
    return client;
  }

  it('lists and calls tools', async () => {
    await using listener = await serve();
    const client = await connect(listener.address);
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(['echo', 'steps']);
    expect((await client.callTool({ name: 'echo', arguments: { text: 'hello' } })).content).toEqual([
      { type: 'text', text: 'hello' },
    ]);
    await client.close();
  });

  it('is shown progress before the reply', async () => {
    await using listener = await serve();
    const client = await connect(listener.address);
    const seen: number[] = [];
    await client.callTool({ name: 'steps', arguments: {} }, { onprogress: ({ progress }) => void seen.push(progress) });
    expect(seen).toEqual([1, 2, 3]);
    await client.close();
  });

  it('cancels a call by closing its response', async () => {
    const { service, started, aborted } = endless();
    await using listener = await serve(service);
    const client = await connect(listener.address);
    const controller = new AbortController();
    const call = client.callTool({ name: 'wait', arguments: {} }, { signal: controller.signal });
    await started;
    controller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await aborted;
    await client.close();
  });

  it('is told what went wrong in its own terms', async () => {
    await using listener = await serve();
    const client = await connect(listener.address);
    await expect(client.callTool({ name: 'nothing', arguments: {} })).rejects.toMatchObject({ code: -32602 });
    await client.close();
  });
});

describe('the official client of 2025-11-25', () => {
  async function connect(address: string): Promise<LegacyClient> {
    const client = new LegacyClient({ name: 'tester', version: '1.0.0' });
    await client.connect(new LegacyWire(new URL(address)));
    return client;
  }

  it('lists and calls tools in a session', async () => {
    await using listener = await serve();
    const client = await connect(listener.address);
    expect(client.getServerVersion()).toMatchObject({ name: 'server' });
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(['echo', 'steps']);
    expect((await client.callTool({ name: 'echo', arguments: { text: 'hello' } })).content).toEqual([
      { type: 'text', text: 'hello' },
    ]);
    await client.close();
  });

  it('is shown progress before the reply', async () => {
    await using listener = await serve();
    const client = await connect(listener.address);
    const seen: number[] = [];
    await client.callTool({ name: 'steps', arguments: {} }, undefined, {
      onprogress: ({ progress }) => void seen.push(progress),
    });
    expect(seen).toEqual([1, 2, 3]);
    await client.close();
  });

  it('cancels a call with a notification', async () => {
    const { service, started, aborted } = endless();
    await using listener = await serve(service);
    const client = await connect(listener.address);
    const controller = new AbortController();
    const call = client.callTool({ name: 'wait', arguments: {} }, undefined, { signal: controller.signal });
    await started;
    controller.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await aborted;
    await client.close();
  });

  it('ends its session, which is gone afterwards', async () => {
    await using listener = await serve();
    const wire = new LegacyWire(new URL(listener.address));
    const client = new LegacyClient({ name: 'tester', version: '1.0.0' });
    await client.connect(wire);
    const id = wire.sessionId ?? '';
    expect(id).toMatch(/^[\x21-\x7e]{32,}$/);
    await wire.terminateSession();
    const answer = await fetch(listener.address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': id,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
    expect(answer.status).toBe(404);
    await client.close();
  });
});
