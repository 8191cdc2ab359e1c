/**
 * Sends `tools/call` in a closed loop over keep-alive connections and prints one JSON line of figures.
 * Arguments: url, connections, seconds, tool. Raw sockets: the generator must not be what is measured.
 */
import type { Socket } from 'node:net';
import { connect } from 'node:net';

const [target = '', connectionsText = '1', secondsText = '1', tool = 'echo'] = process.argv.slice(2);
const url = new URL(target);
const body = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: {
    name: tool,
    arguments: { text: 'hello' },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});
const request = Buffer.from(
  [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'mcp-protocol-version: 2026-07-28',
    'mcp-method: tools/call',
    `mcp-name: ${tool}`,
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n'),
);

/** Length of the first whole response in `data`, or 0 while it is incomplete. */
function responseLength(data: string): number {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = /\r\ncontent-length: *(\d+)/i.exec(data.slice(0, end))?.[1];
  if (length !== undefined) {
    const total = end + 4 + Number(length);
    return data.length >= total ? total : 0;
  }
  const last = data.indexOf('\r\n0\r\n\r\n', end);
  return last < 0 ? 0 : last + 7;
}

const latencies: number[] = [];
let errors = 0;
let firstError = '';
let running = true;
const started = performance.now();

function drive(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending = '';
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => resolve());
    socket.on('data', (chunk: string) => {
      pending += chunk;
      const length = responseLength(pending);
      if (length === 0) return;
      latencies.push(performance.now() - sentAt);
      if (!pending.startsWith('HTTP/1.1 200') || !pending.includes('"result"')) {
        errors += 1;
        firstError ||= pending.slice(0, 400);
      }
      pending = pending.slice(length);
      if (running) send();
      else socket.destroy();
    });
  });
}

setTimeout(() => (running = false), Number(secondsText) * 1_000);
await Promise.all(
  Array.from({ length: Number(connectionsText) }, () => drive(connect(Number(url.port), url.hostname))),
);
const elapsedMs = performance.now() - started;
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
process.stdout.write(
  `${JSON.stringify({
    requests: latencies.length,
    perSecond: (latencies.length * 1_000) / elapsedMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    errors,
    firstError,
  })}\n`,
);
