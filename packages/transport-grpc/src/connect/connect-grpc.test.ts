import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Server, ServerCredentials, status as Status } from '@grpc/grpc-js';
import { expect, it, vi } from 'vitest';
import {
  connectOptions,
  discovered,
  holding,
  muteServer,
  serveOptions,
  serviceOf,
  toolCall,
} from '../testing/calls.ts';
import { type ForeignCall, foreignServer } from '../testing/foreign.ts';
import { tcpRelay } from '../testing/tcp-relay.ts';
import { grpcTransport } from '../transport.ts';

const url = ({ port }: { readonly port: number }): string => `grpc://127.0.0.1:${port}`;

/** Answers the discovery, and leaves the other messages to the test. */
function modern(answer: (call: ForeignCall, message: { id: number; method: string }) => void) {
  return (call: ForeignCall): void => {
    call.on('data', ({ json }: { readonly json: Buffer }) => {
      const message: { id: number; method: string } = JSON.parse(json.toString());
      if (message.method === 'server/discover') call.write({ json: Buffer.from(discovered) });
      else answer(call, message);
    });
    call.on('end', () => call.end());
  };
}

it('speaks 2026-07-28 to a server that was written from the .proto, one JSON-RPC message in each message', async () => {
  const seen: string[] = [];
  await using server = await foreignServer((call) => {
    call.on('data', ({ json }: { readonly json: Buffer }) => {
      seen.push(json.toString());
      const result = '{"resultType":"complete","content":[]}';
      call.write({ json: Buffer.from(seen.length === 1 ? discovered : `{"jsonrpc":"2.0","id":2,"result":${result}}`) });
    });
    call.on('end', () => call.end());
  });
  await using connection = await grpcTransport().connect({ url: url(server) }, connectOptions);
  expect(connection.peer).toEqual({ revision: '2026-07-28', wire: 'grpc' });
  await connection.service(toolCall({ n: 1 }));
  const meta =
    '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},' +
    '"io.modelcontextprotocol/clientInfo":{"name":"tester","version":"1.0.0"}}';
  expect(seen).toEqual([
    `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{${meta}}}`,
    `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"x","arguments":{"n":1},${meta}}}`,
  ]);
});

it('speaks 2025-11-25 to a server that knows no other revision', async () => {
  await using server = await foreignServer((call) => {
    call.on('data', ({ json }: { readonly json: Buffer }) => {
      const { id, method }: { id?: number; method: string } = JSON.parse(json.toString());
      const answers: Record<string, string> = {
        initialize:
          '"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}}',
        'tools/call': '"result":{"content":[{"type":"text","text":"old"}]}',
      };
      const answer = answers[method] ?? '"error":{"code":-32601,"message":"Method not found"}';
      if (id !== undefined) call.write({ json: Buffer.from(`{"jsonrpc":"2.0","id":${id},${answer}}`) });
    });
    call.on('end', () => call.end());
  });
  await using connection = await grpcTransport().connect({ url: url(server) }, connectOptions);
  expect(connection.peer.revision).toBe('2025-11-25');
  const { result } = await connection.service(toolCall());
  expect(result.member('content')?.value).toEqual([{ type: 'text', text: 'old' }]);
});

it('sends the headers of a target as metadata', async () => {
  const metadata = Promise.withResolvers<object>();
  await using server = await foreignServer((call) => {
    metadata.resolve(call.metadata.getMap());
    modern(() => {})(call);
  });
  const target = { url: url(server), headers: { Authorization: 'Bearer t', 'X-Api-Key': 'k' } };
  await using _ = await grpcTransport().connect(target, connectOptions);
  expect(await metadata.promise).toMatchObject({ authorization: 'Bearer t', 'x-api-key': 'k' });
});

it.each([
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['RESOURCE_EXHAUSTED', 429],
] as const)('a server that refuses with %s is asked once, and the error holds no credentials', async (name, status) => {
  let streams = 0;
  await using server = await foreignServer((call) => {
    streams++;
    const [token] = call.metadata.get('authorization');
    call.emit('error', { code: Status[name], details: `not with ${String(token)}` });
  });
  const target = { url: url(server), headers: { authorization: 'Bearer hunter2' } };
  const error: unknown = await grpcTransport()
    .connect(target, connectOptions)
    .catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'UPSTREAM_STATUS', facts: { upstream: 'far', status } });
  expect(inspect(error, { depth: 10 })).not.toContain('hunter2');
  expect(streams).toBe(1);
});

it('a gRPC server that knows nothing of MCP is UPSTREAM_STATUS 501', async () => {
  const server = new Server();
  const port = await new Promise<number>((resolve) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
  );
  await expect(grpcTransport().connect({ url: url({ port }) }, connectOptions)).rejects.toMatchObject({
    code: 'UPSTREAM_STATUS',
    facts: { status: 501 },
  });
  server.forceShutdown();
});

it.each([
  ['UNAVAILABLE', 'UPSTREAM_CLOSED'],
  ['DEADLINE_EXCEEDED', 'UPSTREAM_STATUS'],
  ['INTERNAL', 'UPSTREAM_MALFORMED'],
] as const)(
  'a stream that ends with %s fails its calls with UPSTREAM_CLOSED, and closed tells %s',
  async (name, code) => {
    await using server = await foreignServer(
      modern((call) => call.emit('error', { code: Status[name], details: 'enough' })),
    );
    await using connection = await grpcTransport().connect({ url: url(server) }, connectOptions);
    await expect(connection.service(toolCall())).rejects.toMatchObject({
      code: 'UPSTREAM_CLOSED',
      facts: { upstream: 'far' },
    });
    expect(await connection.closed).toMatchObject({ code, cause: { message: `gRPC status ${name}: enough` } });
  },
);

it('an answer that came before the end of the stream is still an answer', async () => {
  await using server = await foreignServer(
    modern((call, { id }) => {
      call.write({ json: Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete"}}`) });
      call.emit('error', { code: Status.UNAVAILABLE, details: 'enough' });
    }),
  );
  await using connection = await grpcTransport().connect({ url: url(server) }, connectOptions);
  expect((await connection.service(toolCall())).result.text).toBe('{"resultType":"complete"}');
  expect(await connection.closed).toMatchObject({ code: 'UPSTREAM_CLOSED' });
});

it('a message that is larger than allowed ends the connection with MESSAGE_TOO_LARGE, and one that is not does not', async () => {
  const answer = (size: number): string => `{"jsonrpc":"2.0","id":ID,"result":{"x":"${'x'.repeat(size)}"}}`;
  let size = 1_000 - answer(0).length + 1;
  await using server = await foreignServer(
    modern((call, { id }) => call.write({ json: Buffer.from(answer(size).replace('ID', String(id))) })),
  );
  await using connection = await grpcTransport().connect(
    { url: url(server) },
    { ...connectOptions, maxMessageBytes: 1_000 },
  );
  await connection.service(toolCall());
  size += 1;
  await expect(connection.service(toolCall())).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  expect(await connection.closed).toMatchObject({ code: 'MESSAGE_TOO_LARGE', facts: { limitBytes: 1_000 } });
});

it('a call that is larger than may be sent fails alone', async () => {
  const transport = grpcTransport({ maxSentBytes: 2_000 });
  await using listener = await transport.serve(serviceOf(), serveOptions);
  await using connection = await transport.connect({ url: listener.address }, connectOptions);
  await expect(connection.service(toolCall({ text: 'x'.repeat(2_000) }))).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    facts: { limitBytes: 2_000 },
  });
  await connection.service(toolCall());
});

it('a server that does not read is sent no more than its window, and later calls wait', async () => {
  const stalled = Promise.withResolvers<ForeignCall>();
  await using server = await foreignServer(
    modern((call) => {
      call.pause();
      stalled.resolve(call);
    }),
  );
  await using connection = await grpcTransport().connect(
    { url: url(server) },
    { ...connectOptions, maxInFlight: 10_000 },
  );
  const padding = 'x'.repeat(1_048_576);
  const outcomes = Array.from({ length: 80 }, () =>
    connection.service(toolCall({ padding })).catch((error: unknown) => error),
  );
  // What is unread is bounded by the channel above, as for every pipe: this shows that the stream tells it.
  expect(await Promise.race(outcomes)).toMatchObject({ code: 'UPSTREAM_BUSY' });
  await stalled.promise;
  await connection.close();
  await Promise.all(outcomes);
});

it('a server that is cut off from the network is noticed by its silence', async () => {
  await using server = await foreignServer(modern(() => {}));
  await using relay = await tcpRelay(server.port);
  const transport = grpcTransport({ keepAliveMs: 100, keepAliveTimeoutMs: 100 });
  await using connection = await transport.connect({ url: url(relay) }, connectOptions);
  const calling = connection.service(toolCall());
  relay.freeze();
  await expect(calling).rejects.toMatchObject({ code: 'UPSTREAM_CLOSED' });
  expect(await connection.closed).toMatchObject({ code: 'UPSTREAM_CLOSED' });
});

it('a server that hangs up at server/discover is not asked it again', async () => {
  const seen: string[][] = [];
  const hello = '{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"old","version":"1"}}';
  await using server = await foreignServer((call) => {
    const methods: string[] = [];
    seen.push(methods);
    call.on('data', ({ json }: { readonly json: Buffer }) => {
      const { id, method }: { id?: number; method: string } = JSON.parse(json.toString());
      methods.push(method);
      if (method === 'server/discover') call.end();
      else if (method === 'initialize')
        call.write({ json: Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${hello}}`) });
    });
    call.on('end', () => call.end());
  });
  const transport = grpcTransport();
  for (let attempt = 0; attempt < 2; attempt++) {
    await using connection = await transport.connect({ url: url(server) }, connectOptions);
    expect(connection.peer.revision).toBe('2025-06-18');
  }
  const handshake = ['initialize', 'notifications/initialized'];
  expect(seen).toEqual([['server/discover'], handshake, handshake]);
});

it('a server that is alive but has nothing to say is not given up', async () => {
  await using server = await foreignServer(modern(() => {}));
  const transport = grpcTransport({ keepAliveMs: 50, keepAliveTimeoutMs: 200 });
  await using connection = await transport.connect({ url: url(server) }, connectOptions);
  await expect(connection.service(toolCall({}, { deadlineMs: performance.now() + 600 }))).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
  });
  expect(await Promise.race([connection.closed, Promise.resolve('open')])).toBe('open');
});

it.each(['grpc', 'grpcs'])(
  'a port of %s that never says a word is UPSTREAM_TIMEOUT, and its socket is closed',
  async (scheme) => {
    await using mute = await muteServer();
    const connecting = grpcTransport().connect(
      { url: `${scheme}://127.0.0.1:${mute.port}` },
      { ...connectOptions, connectTimeoutMs: 300 },
    );
    await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT', facts: { upstream: 'far' } });
    await vi.waitFor(() => expect(mute.open).toBe(0));
  },
);

it('an attempt that is cancelled while the port says nothing ends at once, for good, and its socket is closed', async () => {
  await using mute = await muteServer();
  const abort = new AbortController();
  const connecting = grpcTransport().connect({ url: url(mute) }, { ...connectOptions, signal: abort.signal });
  await vi.waitFor(() => expect(mute.open).toBe(1));
  abort.abort();
  await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
  await vi.waitFor(() => expect(mute.open).toBe(0));
  // A channel that goes on behind our back connects again as soon as its socket is closed.
  await delay(200);
  expect(mute.accepted).toBe(1);
});

it('closing says goodbye by ending its half, and waits for the server to do the same', async () => {
  const farewell = Promise.withResolvers<string>();
  await using server = await foreignServer((call) => {
    modern(() => {})(call);
    call.once('end', () => farewell.resolve('end'));
    call.once('cancelled', () => farewell.resolve('cancelled'));
  });
  await using relay = await tcpRelay(server.port);
  const connection = await grpcTransport().connect({ url: url(relay) }, connectOptions);
  await connection.close();
  expect(await farewell.promise).toBe('end');
  // Nothing is left when close() has resolved but what the relay itself has not been told yet.
  await vi.waitFor(() => expect(relay.open).toBe(0));
});

it('closing does not wait for a server that ignores the goodbye', async () => {
  const cancelled = Promise.withResolvers<void>();
  await using server = await foreignServer((call) => {
    call.on('data', () => call.write({ json: Buffer.from(discovered) }));
    call.once('cancelled', () => cancelled.resolve());
  });
  const connection = await grpcTransport({ closeMs: 50 }).connect({ url: url(server) }, connectOptions);
  await connection.close();
  await cancelled.promise;
});

it('a reply that is still being read when the connection closes does not keep it open', async () => {
  const { service, arrived } = holding();
  const transport = grpcTransport();
  await using listener = await transport.serve(service, serveOptions);
  const connection = await transport.connect({ url: listener.address }, connectOptions);
  const calling = connection.service(toolCall()).catch((error: unknown) => error);
  const { signal } = await arrived;
  await Promise.all([connection.close(), once(signal, 'abort')]);
  expect(await calling).toMatchObject({ code: 'CLOSED' });
});

it('a target that is not for gRPC is TRANSPORT_UNKNOWN', async () => {
  await expect(grpcTransport().connect({ url: 'http://x' }, connectOptions)).rejects.toMatchObject({
    code: 'TRANSPORT_UNKNOWN',
  });
});

it('a host that does not exist is UPSTREAM_UNREACHABLE', async () => {
  const connecting = grpcTransport().connect({ url: 'grpc://nowhere.invalid:1' }, connectOptions);
  await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
});

it.each([
  ['says that it is compressed, and never said with what', Buffer.of(1, 0, 0, 0, 1, 0)],
  ['is no protobuf', Buffer.of(0, 0, 0, 0, 2, 0x0a, 0x7f)],
])('gives up a server whose message %s', async (_, frame) => {
  const server = createServer();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' });
    stream.write(frame);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connecting = grpcTransport().connect({ url: `grpc://127.0.0.1:${port}` }, connectOptions);
  await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_MALFORMED' });
  server.close();
});
