import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { connectionError } from './connection-error.ts';
import { httpTransport } from '../transport.ts';

const certificates = ['good', 'elsewhere', 'expired', 'early'] as const;
type Certificate = (typeof certificates)[number];

function file(name: string): string {
  return readFileSync(new URL(`../testing/certificates/${name}`, import.meta.url), 'latin1');
}

/** Why nobody is reached there. */
async function reasonAt(server: Server, host = '127.0.0.1'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `https://${host}:${typeof address === 'object' ? address?.port : ''}/mcp`;
  try {
    await using connection = await httpTransport().connect(
      { url },
      { upstream: 'files', clientInfo: { name: 'test', version: '1' } },
    );
    return `none: ${connection.peer.wire}`;
  } catch (error) {
    expect(error).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    return error instanceof Error ? error.message : '';
  } finally {
    server.close();
  }
}

function secure(certificate: Certificate): Server {
  const options = { key: file('server.key'), cert: file(`${certificate}.pem`) };
  return createHttpsServer(options, (_, response) => response.writeHead(404).end());
}

const untrusted =
  'files cannot be reached: no authority that is trusted here vouches for its certificate; to trust one, name a file with its certificate in NODE_EXTRA_CA_CERTS.';

describe('a connection that cannot be made is told in a sentence', () => {
  it('where the port does not speak TLS', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(await reasonAt(server)).toBe(
      'files cannot be reached: this port does not speak TLS; http in place of https may be right.',
    );
  });

  it('where nobody vouches for the certificate', async () => {
    expect(await reasonAt(secure('good'))).toBe(untrusted);
  });

  it('where addresses of one name all refuse, and where it has line breaks', () => {
    const all = new AggregateError([
      new Error('connect ECONNREFUSED ::1:9'),
      new Error('connect ECONNREFUSED 127.0.0.1:9'),
    ]);
    expect(connectionError(all)).toMatchObject({
      message: 'connect ECONNREFUSED ::1:9, connect ECONNREFUSED 127.0.0.1:9',
      cause: all,
    });
    const lines = Object.assign(new Error('405D:error:0A000410:SSL routines::\n'), {
      code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      library: 'SSL routines',
      reason: 'ssl/tls alert handshake failure',
    });
    expect(connectionError(lines).message).toBe('TLS could not be begun: ssl/tls alert handshake failure');
    expect(connectionError(new Error('one\r\n\ttwo.\n')).message).toBe('one two');
    expect(connectionError(new Error('x'.repeat(1_000))).message).toHaveLength(301);
  });
});

describe('a certificate that is trusted', () => {
  const before = getCACertificates('default');
  beforeAll(() => setDefaultCACertificates([...before, ...certificates.map((name) => file(`${name}.pem`))]));
  afterAll(() => setDefaultCACertificates(before));

  it.each<[Certificate, string]>([
    ['elsewhere', 'its certificate is for another name (DNS:other.example); reach it by a name that stands in there'],
    ['expired', 'its certificate has expired, and has to be renewed there'],
    ['early', 'its certificate is not valid yet; the clock of one of the two machines may be wrong'],
  ])('may be wrong all the same: %s', async (certificate, reason) => {
    expect(await reasonAt(secure(certificate))).toBe(`files cannot be reached: ${reason}.`);
  });
});
