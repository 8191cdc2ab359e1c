/**
 * The server that everything is measured against: modern MCP over HTTP, hand-parsed on `node:net` so that it costs next to nothing.
 * It answers `tools/call` with a text of `BENCH_RESULT_BYTES` bytes (default 64).
 */
import type { Socket } from 'node:net';
import { createServer } from 'node:net';

const text = 'x'.repeat(Number(process.env['BENCH_RESULT_BYTES'] ?? 64));
const hints = '"ttlMs":0,"cacheScope":"private"';
const info = '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench-upstream","version":"1.0.0"}}';
const results: Readonly<Record<string, string>> = {
  'server/discover': `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},${hints},${info}}`,
  'tools/list': `{"resultType":"complete","tools":[{"name":"echo","description":"Echoes","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}}],${hints},${info}}`,
  'tools/call': `{"resultType":"complete","content":[{"type":"text","text":"${text}"}],${info}}`,
};

function answer(head: string, body: string): string {
  const method = /\r\nmcp-method: *([^\r]+)/i.exec(head)?.[1] ?? '';
  const id = /"id" *: *("[^"]*"|\d+)/.exec(body)?.[1] ?? 'null';
  const result = results[method];
  const json =
    result === undefined
      ? `{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,"message":"Method not found"}}`
      : `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
  const status = result === undefined ? '404 Not Found' : '200 OK';
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
