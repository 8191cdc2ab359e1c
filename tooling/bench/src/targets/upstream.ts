/** The server that everything is measured against: modern MCP over HTTP, hand-parsed on `node:net` so that it costs next to nothing. */
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { answerBody } from './answers.ts';

function answer(head: string, body: string): string {
  const method = /\r\nmcp-method: *([^\r]+)/i.exec(head)?.[1] ?? '';
  const { known, json } = answerBody(method, body);
  const status = known ? '200 OK' : '404 Not Found';
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json}`;
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
      socket.write(answer(head, body), 'latin1');
    }
  });
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  process.stdout.write(`ready http://127.0.0.1:${address.port}/mcp\n`);
});
