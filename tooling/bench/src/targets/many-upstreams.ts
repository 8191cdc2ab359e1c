/**
 * Many servers over HTTP in one process, each on a port of its own, of `BENCH_TOOLS` tools (default 10): `BENCH_SERVERS` of them (default 10), which answer after
 * `BENCH_DELAY_MS` (default 0). At the address that is announced, GET /urls tells where they are, and /peaks how busy they were.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerBody, isNotification } from './answers.ts';
import { announce } from './announce.ts';

export interface Peaks {
  /** Servers that had a request to answer at the same time. */
  readonly servers: number;
  readonly sockets: number;
  readonly requests: number;
}

const [servers, tools, delayMs] = ['BENCH_SERVERS', 'BENCH_TOOLS', 'BENCH_DELAY_MS'].map((name) => process.env[name]);
const peaks = { servers: 0, sockets: 0, requests: 0 };
const working = new Map<number, number>();
let sockets = 0;

function toolsOf(server: number): string {
  const all = Array.from({ length: Number(tools ?? 10) }, (_, number) => ({
    name: number === 0 ? 'echo' : `tool_${number}`,
    title: `Tool ${number} of server ${server}`,
    description: `Does what tool ${number} of server ${server} does: it looks up, changes or removes an entry, and says what came of it.`,
    inputSchema: {
      type: 'object',
      properties: {
        id: { type: 'string', description: 'Which entry' },
        limit: { type: 'integer', description: 'How many at most', minimum: 1, maximum: 100 },
        verbose: { type: 'boolean' },
      },
      required: ['id'],
    },
  }));
  return `{"resultType":"complete","tools":${JSON.stringify(all)},"ttlMs":600000,"cacheScope":"public"}`;
}

async function serve(server: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  working.set(server, (working.get(server) ?? 0) + 1);
  peaks.requests += 1;
  peaks.servers = Math.max(peaks.servers, working.size);
  const body = await text(request);
  if (Number(delayMs ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, Number(delayMs)));
  const left = (working.get(server) ?? 1) - 1;
  if (left === 0) working.delete(server);
  else working.set(server, left);
  if (isNotification(body)) return void response.writeHead(202).end();
  const method = /"method" *: *"([^"]+)"/.exec(body)?.[1] ?? '';
  const { known, json } = method === 'tools/list' ? listed(server, body) : answerBody(method, body);
  response.writeHead(known ? 200 : 404, { 'content-type': 'application/json', 'content-length': json.length });
  response.end(json);
}

function listed(server: number, body: string): { readonly known: true; readonly json: string } {
  const id = /"id" *: *("[^"]*"|\d+)/.exec(body)?.[1] ?? 'null';
  return { known: true, json: `{"jsonrpc":"2.0","id":${id},"result":${toolsOf(server)}}` };
}

function listen(server: number): Promise<string> {
  const http = createServer((request, response) => void serve(server, request, response));
  http.on('connection', (socket) => {
    sockets += 1;
    peaks.sockets = Math.max(peaks.sockets, sockets);
    socket.once('close', () => (sockets -= 1));
  });
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`));
  });
}

const urls = await Promise.all(Array.from({ length: Number(servers ?? 10) }, (_, server) => listen(server)));
announce(createServer((request, response) => response.end(JSON.stringify(request.url === '/urls' ? urls : peaks))));
