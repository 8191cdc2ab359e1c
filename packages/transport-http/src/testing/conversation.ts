import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { RawRequest } from './raw-http.ts';
import { socketTo } from './raw-http.ts';

/** The bytes of a request; `Host` and `Content-Length` come before the headers that are given. */
export function requestText({ method = 'POST', path = '/mcp', headers = {}, body }: RawRequest): string {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const all = { host: 'localhost', 'content-length': String(Buffer.byteLength(text)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`;
}

/** Sends each piece in a turn of its own, or when the one before has been answered, ends, and returns all that was answered; without the date. */
export async function converse(
  port: number,
  pieces: readonly string[],
  pace: 'turn' | 'answer' = 'turn',
): Promise<string> {
  const socket = await socketTo(port);
  const answered = readAll(socket);
  for (const [index, piece] of pieces.entries()) {
    if (socket.destroyed) break;
    const last = index === pieces.length - 1;
    const next = pace === 'answer' && !last ? Promise.race([once(socket, 'data'), answered]) : undefined;
    await new Promise<void>((resolve) => socket.write(piece, 'latin1', () => setImmediate(resolve)));
    await next;
  }
  socket.end();
  return undated(await answered);
}

/** What comes until the other side closes, in whatever way. */
export function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

function undated(answer: string): string {
  return answer.replace(/^Date: .*\r\n/gm, '');
}

export interface NodeRequests extends Disposable {
  /** Requests that `node:http` has seen in this process so far. */
  readonly count: number;
}

/** Counts what comes to `node:http`, and so not to the front alone. */
export function nodeRequests(): NodeRequests {
  let count = 0;
  const seen = (): void => void (count += 1);
  subscribe('http.server.request.start', seen);
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]: () => void unsubscribe('http.server.request.start', seen),
  };
}

/** The next socket that a server of this process accepts. */
export function nextAccepted(): Promise<Socket> {
  return new Promise((resolve) => {
    const seen = (message: unknown): void => {
      unsubscribe('net.server.socket', seen);
      resolve((message as { readonly socket: Socket }).socket);
    };
    subscribe('net.server.socket', seen);
  });
}

/** A connection to a listener: the end of the test, and that of the server. */
export async function bothEnds(address: string): Promise<readonly [Socket, Socket]> {
  const accepted = nextAccepted();
  return [await socketTo(Number(new URL(address).port)), await accepted];
}
