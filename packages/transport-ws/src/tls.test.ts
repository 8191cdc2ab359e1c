import { once } from 'node:events';
import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { wsHandler } from './handler.ts';
import { connectOptions, echo, echoCall, errorOf, serverInfo, textOf } from './testing/calls.ts';
import { localhostCertificate, localhostKey } from './testing/localhost-certificate.ts';
import { wsTransport } from './transport.ts';

describe('wss:', () => {
  it('reaches an endpoint on a server with TLS whose certificate is trusted, and no other', async () => {
    await using handler = wsHandler(echo, { serverInfo, pingMs: 10, deadMs: 5_000 });
    const server = createServer({ key: localhostKey, cert: localhostCertificate });
    server.on('upgrade', (request, socket, head) => void handler.upgrade(request, socket, head));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const url = `wss://localhost:${typeof address === 'object' ? address?.port : 0}/mcp`;
    const ws = wsTransport({ pingMs: 10, deadMs: 5_000 });

    const error = await errorOf(ws.connect({ url }, connectOptions));
    expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });

    const trusted = getCACertificates();
    setDefaultCACertificates([...trusted, localhostCertificate]);
    const connection = await ws.connect({ url }, connectOptions);
    setDefaultCACertificates(trusted);
    const text = 'x'.repeat(3_000_000);
    expect(textOf(await connection.service(echoCall(text)))).toBe(text);
    await connection.close();
    await handler.close();
    server.close();
    await once(server, 'close');
  });
});
