/** The floor: `node:http` to undici `dispatch`, bytes copied, nothing parsed. No gateway on this stack can be faster. */
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { announce } from './announce.ts';

const upstream = new URL(process.argv[2] ?? '');
const pool = new Pool(upstream.origin, { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    pool.dispatch(
      {
        method: 'POST',
        path: upstream.pathname,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': request.headers['mcp-protocol-version'],
          'mcp-method': request.headers['mcp-method'],
          'mcp-name': request.headers['mcp-name'],
        },
        body: chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks),
      },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode, headers) {
          response.writeHead(statusCode, {
            'content-type': String(headers['content-type']),
            'content-length': String(headers['content-length']),
          });
        },
        onResponseData(_controller, chunk) {
          response.write(chunk);
        },
        onResponseEnd() {
          response.end();
        },
        onResponseError() {
          response.destroy();
        },
      },
    );
  });
});
announce(server);
