import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeError, toWireError } from '@toolyard/protocol';

/** Answers an upgrade with what `toWireError` makes of `thrown`, and closes the socket. `status`: where HTTP has one of its own. */
export function refuseUpgrade(
  socket: Duplex,
  thrown: unknown,
  headers: readonly (readonly [name: string, value: string])[] = [],
  status?: number,
): void {
  const { httpStatus, error } = toWireError(thrown);
  const body = encodeError(undefined, error);
  const code = status ?? httpStatus;
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${body.byteLength}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  // A client that leaves its half open does not keep the other.
  socket.once('finish', () => socket.destroy());
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}
