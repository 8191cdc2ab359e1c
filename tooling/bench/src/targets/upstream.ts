/**
 * The server that everything is measured against: MCP over HTTP, hand-parsed on `node:net` so that it costs next to nothing. It serves 2026-07-28, and older clients without sessions.
 * Calls are answered after `BENCH_DELAY_MS` (default 0).
 */
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { answerBody, isNotification } from './answers.ts';
import { announce } from './announce.ts';

const delayMs = Number(process.env['BENCH_DELAY_MS'] ?? 0);

function respond(status: string, json: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`;
}

function serveRequest(socket: Socket, head: string, body: string): void {
  // There is no stream to listen to, and no session to end.
  if (!head.startsWith('POST'))
    return void socket.write('HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n');
  const method = (/\r\nmcp-method: *([^\r]+)/i.exec(head) ?? /"method" *: *"([^"]+)"/.exec(body))?.[1] ?? '';
  if (isNotification(body)) return void socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
  const { known, json } = answerBody(method, body);
  const answer = respond(known ? '200 OK' : '404 Not Found', json);
  if (delayMs === 0 || method !== 'tools/call') socket.write(answer, 'latin1');
  else setTimeout(() => socket.write(answer, 'latin1'), delayMs);
}

function serve(socket: Socket): void {
  let pending = '';
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    pending += chunk;
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = pending.slice(0, end);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      const body = pending.slice(end + 4, end + 4 + length);
      pending = pending.slice(end + 4 + length);
      serveRequest(socket, head, body);
    }
  });
}

announce(createServer(serve));
