import { type EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { Client, credentials, Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import { type Listener, RawObject, ToolyardError } from '@toolyard/protocol';
import { describe, expect, it, vi } from 'vitest';
import {
  aborted,
  connectOptions,
  holding,
  request,
  serveOptions,
  serviceOf,
  textReply,
  toolCall,
} from '../testing/calls.ts';
import { type ForeignClient, foreignClient } from '../testing/foreign.ts';
import { tcpRelay } from '../testing/tcp-relay.ts';
import { grpcTransport } from '../transport.ts';

const hostOf = ({ address }: Listener): string => new URL(address).host;
const portOf = ({ address }: Listener): number => Number(new URL(address).port);

function messages({ stream }: ForeignClient): { readonly next: () => Promise<string> } {
  const came: string[] = [];
  stream.on('data', ({ json }) => came.push(Buffer.from(json).toString()));
  return { next: () => vi.waitFor(() => came.shift() ?? Promise.reject(new Error('no message'))) };
}

/** To be called before the stream can have ended. */
function statusOf({
  stream,
}: {
  readonly stream: Pick<EventEmitter, 'once'>;
}): Promise<Pick<StatusObject, 'code' | 'details'>> {
  return new Promise((resolve) =>
    stream.once('status', ({ code, details }: StatusObject) => resolve({ code, details })),
  );
}

describe('a client that was written from the .proto', () => {
  it('is served in 2026-07-28', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), serveOptions);
    const client = foreignClient(hostOf(listener));
    const { next } = messages(client);
    client.send(request(1));
    expect(await next()).toBe(
      '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":"{\\"n\\":1}"}],' +
        '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"server","version":"1.0.0"}}}}',
    );
    client.close();
  });

  it('is served in 2025-11-25', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), serveOptions);
    const client = foreignClient(hostOf(listener));
    const { next } = messages(client);
    const params = '{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"old","version":"1"}}';
    client.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":${params}}`);
    expect(JSON.parse(await next())).toMatchObject({ id: 0, result: { protocolVersion: '2025-11-25' } });
    client.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    client.send('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"n":1}}}');
    expect(await next()).toBe('{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"{\\"n\\":1}"}]}}');
    client.close();
  });

  it('may wait for the headers of the answer before it writes', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), serveOptions);
    const client = foreignClient(hostOf(listener));
    await once(client.stream, 'metadata');
    client.close();
  });

  it('that sends its requests and ends its half gets all answers, then status OK', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), serveOptions);
    const client = foreignClient(hostOf(listener));
    const ids: number[] = [];
    client.stream.on('data', ({ json }) => ids.push(JSON.parse(Buffer.from(json).toString()).id));
    for (let id = 1; id <= 20; id++) client.send(request(id));
    client.stream.end();
    expect(await statusOf(client)).toEqual({ code: Status.OK, details: 'OK' });
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    client.close();
  });

  it('that ends its half and waits too long has its calls aborted', async () => {
    const { service, arrived } = holding();
    await using listener = await grpcTransport().serve(service, { ...serveOptions, endDrainMs: 50 });
    const client = foreignClient(hostOf(listener));
    client.stream.resume();
    client.send(request(1));
    client.stream.end();
    const ended = statusOf(client);
    await aborted((await arrived).signal);
    expect(await ended).toEqual({ code: Status.OK, details: 'OK' });
    client.close();
  });

  it('that cancels the stream has all its calls aborted, and only its own', async () => {
    const signals: AbortSignal[] = [];
    const transport = grpcTransport();
    await using listener = await transport.serve(
      serviceOf(async ({ signal, params }) => {
        if (params.object('arguments')?.has('n') !== true) return textReply('other');
        signals.push(signal);
        throw await aborted(signal);
      }),
      serveOptions,
    );
    await using other = await transport.connect({ url: listener.address }, connectOptions);
    const client = foreignClient(hostOf(listener));
    for (let id = 1; id <= 3; id++) client.send(request(id));
    await vi.waitFor(() => expect(signals).toHaveLength(3));
    client.close();
    await Promise.all(signals.map(aborted));
    await other.service(toolCall());
  });

  it('whose gRPC deadline passes has its calls aborted', async () => {
    const { service, arrived } = holding();
    await using listener = await grpcTransport().serve(service, serveOptions);
    const client = foreignClient(hostOf(listener), { deadlineMs: 300 });
    client.stream.resume();
    client.send(request(1));
    const ended = statusOf(client);
    await aborted((await arrived).signal);
    expect((await ended).code).toBe(Status.DEADLINE_EXCEEDED);
    client.close();
  });

  it('that sends no protobuf gets status INTERNAL', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), serveOptions);
    const client = new Client(hostOf(listener), credentials.createInsecure());
    const same = (bytes: Buffer): Buffer => bytes;
    const stream = client.makeBidiStreamRequest('/toolyard.mcp.v1.Mcp/Connect', same, same, new Metadata(), {});
    stream.on('error', () => undefined);
    stream.resume();
    stream.write(Buffer.from(request(1)));
    expect(await statusOf({ stream })).toMatchObject({ code: Status.INTERNAL });
    client.close();
  });
});

describe('bounds', () => {
  it('a message over the bound ends its stream with RESOURCE_EXHAUSTED and aborts its calls; one at the bound is answered', async () => {
    const { service, arrived } = holding();
    const limit = 1_000;
    await using listener = await grpcTransport().serve(service, { ...serveOptions, maxMessageBytes: limit });
    const client = foreignClient(hostOf(listener));
    const { next } = messages(client);
    const ended = statusOf(client);
    client.send('x'.repeat(limit));
    expect(JSON.parse(await next())).toMatchObject({ error: { code: -32700 } });
    client.send(request(1));
    const { signal } = await arrived;
    client.send('x'.repeat(limit + 1));
    expect((await ended).code).toBe(Status.RESOURCE_EXHAUSTED);
    await aborted(signal);
    client.close();
  });

  it('one client more than allowed gets RESOURCE_EXHAUSTED, and room comes back', async () => {
    const transport = grpcTransport();
    await using listener = await transport.serve(serviceOf(), { ...serveOptions, maxClients: 2 });
    const target = { url: listener.address };
    await using _ = await transport.connect(target, connectOptions);
    const second = await transport.connect(target, connectOptions);
    await expect(transport.connect(target, connectOptions)).rejects.toMatchObject({
      code: 'UPSTREAM_STATUS',
      facts: { status: 429 },
    });
    await second.close();
    await using third = await transport.connect(target, connectOptions);
    await third.service(toolCall());
  });

  it('a connection without a stream is closed after a while', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), { ...serveOptions, idleConnectionMs: 50 });
    const socket = connect(portOf(listener), '127.0.0.1');
    socket.on('error', () => undefined);
    // The preface of HTTP/2 and empty settings, so that there is a connection to be idle.
    socket.write(
      Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from('000000040000000000', 'hex')]),
    );
    socket.resume();
    await once(socket, 'close');
  });

  it('a client that is cut off from the network is noticed by its silence', async () => {
    const { service, arrived } = holding();
    await using listener = await grpcTransport().serve(service, {
      ...serveOptions,
      keepAliveMs: 50,
      keepAliveTimeoutMs: 50,
    });
    await using relay = await tcpRelay(portOf(listener));
    const client = foreignClient(`127.0.0.1:${relay.port}`);
    client.send(request(1));
    const { signal } = await arrived;
    relay.freeze();
    await aborted(signal);
    client.close();
  });
});

describe('identify', () => {
  it('makes a principal and tenant of the metadata', async () => {
    const transport = grpcTransport();
    await using listener = await transport.serve(
      serviceOf(async ({ caller: { principal, tenant } }) => textReply(`${principal}@${tenant}`)),
      {
        ...serveOptions,
        identify: async (metadata, { address }) => {
          expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
          return { principal: `${metadata['authorization']}`.slice(7), tenant: 'acme' };
        },
      },
    );
    const target = { url: listener.address, headers: { Authorization: 'Bearer ada' } };
    await using connection = await transport.connect(target, connectOptions);
    const { result } = await connection.service(toolCall());
    expect(result.member('content')?.value).toEqual([{ type: 'text', text: 'ada@acme' }]);
  });

  it('refuses with UNAUTHENTICATED, and the service hears nothing', async () => {
    let calls = 0;
    await using listener = await grpcTransport().serve(
      async () => {
        calls++;
        return { result: RawObject.of({}) };
      },
      {
        ...serveOptions,
        identify: () => {
          throw new ToolyardError('UNAUTHENTICATED', { reason: 'no token' }, 'Send a bearer token.');
        },
      },
    );
    const client = foreignClient(hostOf(listener));
    client.stream.resume();
    client.send(request(1));
    expect(await statusOf(client)).toEqual({ code: Status.UNAUTHENTICATED, details: 'Send a bearer token.' });
    expect(calls).toBe(0);
    client.close();
  });

  it('that fails tells the client nothing', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), {
      ...serveOptions,
      identify: () => Promise.reject(new Error('password: hunter2')),
    });
    const client = foreignClient(hostOf(listener));
    client.stream.resume();
    expect(await statusOf(client)).toEqual({ code: Status.INTERNAL, details: 'Internal error.' });
    client.close();
  });

  it('that takes long keeps what the client sends meanwhile, and a client that leaves meanwhile is forgotten', async () => {
    const gate = Promise.withResolvers<void>();
    let asked = 0;
    await using listener = await grpcTransport().serve(serviceOf(), {
      ...serveOptions,
      maxClients: 2,
      identify: async () => {
        asked++;
        await gate.promise;
        return { principal: 'ada' };
      },
    });
    const [patient, impatient] = [foreignClient(hostOf(listener)), foreignClient(hostOf(listener))];
    const { next } = messages(patient);
    patient.send(request(1));
    await vi.waitFor(() => expect(asked).toBe(2));
    impatient.close();
    gate.resolve();
    expect(JSON.parse(await next())).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    patient.close();
  });
});

describe('close', () => {
  it('lets calls finish while it takes no new clients, then ends the stream with OK', async () => {
    const release = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const listener = await grpcTransport().serve(
      serviceOf(async () => {
        arrived.resolve();
        await release.promise;
        return textReply('late');
      }),
      serveOptions,
    );
    const client = foreignClient(hostOf(listener));
    const { next } = messages(client);
    const ended = statusOf(client);
    client.send(request(1));
    await arrived.promise;
    const closing = listener.close({ drainMs: 10_000 });
    await expect(grpcTransport().connect({ url: listener.address }, connectOptions)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
    release.resolve();
    expect(JSON.parse(await next())).toMatchObject({ id: 1, result: { content: [{ text: 'late' }] } });
    expect(await ended).toEqual({ code: Status.OK, details: 'OK' });
    await closing;
    expect(await listener.closed).toBeUndefined();
    client.close();
  });

  it('does not wait for a client that reads nothing', async () => {
    const arrived = Promise.withResolvers<void>();
    const listener = await grpcTransport().serve(
      serviceOf(async () => {
        setImmediate(() => arrived.resolve());
        return textReply('x'.repeat(8 * 1_048_576));
      }),
      serveOptions,
    );
    const client = foreignClient(hostOf(listener));
    client.stream.pause();
    client.send(request(1));
    await arrived.promise;
    const beganMs = performance.now();
    await listener.close();
    expect(performance.now() - beganMs).toBeLessThan(4_000);
    client.close();
  });

  it('tells a connection of ours that its server is gone', async () => {
    const transport = grpcTransport();
    const listener = await transport.serve(serviceOf(), serveOptions);
    await using connection = await transport.connect({ url: listener.address }, connectOptions);
    await listener.close();
    expect(await connection.closed).toMatchObject({ code: 'UPSTREAM_CLOSED' });
  });
});

it('a port that is taken is an error of serve', async () => {
  const transport = grpcTransport();
  await using listener = await transport.serve(serviceOf(), serveOptions);
  await expect(transport.serve(serviceOf(), { ...serveOptions, port: portOf(listener) })).rejects.toThrow('EADDRINUSE');
});

it('serves on IPv6', async () => {
  const transport = grpcTransport();
  await using listener = await transport.serve(serviceOf(), { ...serveOptions, host: '::1' });
  expect(listener.address).toMatch(/^grpc:\/\/\[::1\]:\d+$/);
  await using connection = await transport.connect({ url: listener.address }, connectOptions);
  await connection.service(toolCall());
});
