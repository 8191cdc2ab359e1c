import { credentials } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { certificate, connectOptions, request, serveOptions, serviceOf, textReply, toolCall } from './testing/calls.ts';
import { foreignClient } from './testing/foreign.ts';
import { grpcTransport } from './transport.ts';

const server = { cert: certificate('server.pem'), key: certificate('server.key') };
const ca = certificate('ca.pem');
const local = (address: string): string => address.replace('127.0.0.1', 'localhost');

describe('TLS', () => {
  it('carries calls to a server whose authority is trusted', async () => {
    const transport = grpcTransport({ tls: { ca } });
    await using listener = await transport.serve(serviceOf(), { ...serveOptions, tls: server });
    expect(listener.address).toMatch(/^grpcs:\/\/127\.0\.0\.1:\d+$/);
    await using connection = await transport.connect({ url: local(listener.address) }, connectOptions);
    const { result } = await connection.service(toolCall({ n: 1 }));
    expect(result.member('content')?.value).toEqual([{ type: 'text', text: '{"n":1}' }]);
  });

  it('knows a server by an IP address that its certificate names', async () => {
    const transport = grpcTransport({ tls: { ca } });
    await using listener = await transport.serve(serviceOf(), { ...serveOptions, tls: server });
    await using connection = await transport.connect({ url: listener.address }, connectOptions);
    await connection.service(toolCall());
  });

  it.each([
    ['whom another authority vouches for', { ca: certificate('stranger.pem') }],
    ['whom none of the authorities of Node vouches for', {}],
  ])('refuses a server %s, and sends it nothing', async (_, tls) => {
    let calls = 0;
    const metadata: object[] = [];
    await using listener = await grpcTransport().serve(
      serviceOf(async () => {
        calls++;
        return textReply('');
      }),
      { ...serveOptions, tls: server, identify: (given) => (metadata.push(given), { principal: 'x' }) },
    );
    const target = { url: local(listener.address), headers: { authorization: 'Bearer t' } };
    await expect(grpcTransport({ tls }).connect(target, connectOptions)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      facts: { upstream: 'far' },
      cause: { message: expect.stringMatching(/certificate/) },
    });
    expect([calls, metadata]).toEqual([0, []]);
  });

  it('refuses a server that goes by another name', async () => {
    const transport = grpcTransport({ tls: { ca } });
    await using listener = await transport.serve(serviceOf(), { ...serveOptions, tls: server, host: '127.0.0.2' });
    await expect(transport.connect({ url: listener.address }, connectOptions)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
  });

  it('is not mixed with plain text in either direction', async () => {
    const transport = grpcTransport({ tls: { ca } });
    await using secure = await transport.serve(serviceOf(), { ...serveOptions, tls: server });
    await using plain = await transport.serve(serviceOf(), serveOptions);
    for (const url of [secure.address.replace('grpcs:', 'grpc:'), local(plain.address).replace('grpc:', 'grpcs:')]) {
      await expect(transport.connect({ url }, connectOptions)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    }
  });

  it('serves a client that was written from the .proto', async () => {
    await using listener = await grpcTransport().serve(serviceOf(), { ...serveOptions, tls: server });
    const client = foreignClient(`localhost:${new URL(listener.address).port}`, {
      credentials: credentials.createSsl(ca),
    });
    const answer = new Promise<Uint8Array>((resolve) => client.stream.once('data', ({ json }) => resolve(json)));
    client.send(request(7));
    expect(JSON.parse(Buffer.from(await answer).toString())).toMatchObject({
      id: 7,
      result: { resultType: 'complete' },
    });
    client.close();
  });
});

describe('mTLS', () => {
  const mutual = { ...server, ca };

  it('tells identify whose certificate a client has', async () => {
    const transport = grpcTransport({ tls: { ca, cert: certificate('client.pem'), key: certificate('client.key') } });
    await using listener = await transport.serve(
      serviceOf(async (call) => textReply(call.caller.principal)),
      {
        ...serveOptions,
        tls: mutual,
        identify: (_, { certificate: shown }) => ({ principal: String(shown?.subject.CN) }),
      },
    );
    await using connection = await transport.connect({ url: local(listener.address) }, connectOptions);
    const { result } = await connection.service(toolCall());
    expect(result.member('content')?.value).toEqual([{ type: 'text', text: 'ada' }]);
  });

  it('turns a client away that has none', async () => {
    const transport = grpcTransport({ tls: { ca } });
    await using listener = await transport.serve(serviceOf(), { ...serveOptions, tls: mutual });
    await expect(transport.connect({ url: local(listener.address) }, connectOptions)).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
  });
});
