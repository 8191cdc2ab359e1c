/**
 * The floor where the server is a process: `node:http` to its stdin, its stdout to the response, bytes copied, nothing parsed. It knows which answer is
 * whose because this server answers in order, which no gateway may count on.
 */
import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { announce } from './announce.ts';

const newline = Buffer.from('\n');
const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting: ServerResponse[] = [];
let pending: Buffer = Buffer.alloc(0);

child.stdout.on('data', (chunk: Buffer) => {
  pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
  for (let end = pending.indexOf(0x0a); end >= 0; end = pending.indexOf(0x0a)) {
    const body = pending.subarray(0, end);
    pending = pending.subarray(end + 1);
    const response = waiting.shift();
    response?.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
    response?.end(body);
  }
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    waiting.push(response);
    child.stdin.write(Buffer.concat([...chunks, newline]));
  });
});
announce(server);
process.on('SIGTERM', () => {
  child.kill();
  process.exit(0);
});
