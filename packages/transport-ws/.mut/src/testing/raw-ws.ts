import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { type ClientOptions, type RawData, WebSocket } from 'ws';

/** A client made of `ws` alone, open. */
export async function dial(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, ['mcp'], { perMessageDeflate: false, ...options });
  await once(socket, 'open');
  return socket;
}

/** A request of 2026-07-28 as text. */
function request2026(id: number, method: string, params: Readonly<Record<string, unknown>> = {}): string {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } });
}

export function callTool(id: number, name: string, args: Readonly<Record<string, unknown>> = {}): string {
  return request2026(id, 'tools/call', { name, arguments: args });
}

/** The next message, with whether it came in a binary frame. */
export async function nextMessage(socket: WebSocket): Promise<{ readonly text: string; readonly isBinary: boolean }> {
  const event: unknown[] = await once(socket, 'message');
  return { text: String(event[0]), isBinary: event[1] === true };
}

/** What a frame of `ws` says. */
export function frameText(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : '';
}

/** The code that the socket closes with. */
export async function closeCode(socket: WebSocket): Promise<unknown> {
  const event: unknown[] = await once(socket, 'close');
  return event[0];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** `error.data.code` of the body. */
  readonly code: string | undefined;
  readonly body: string;
}

const upgradeHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'mcp',
};

/** Asks for an upgrade as written, and shows the answer. A header that is `undefined` is left out; what is upgraded is dropped. */
export function askUpgrade(
  url: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  method = 'GET',
): Promise<Answer> {
  const all = Object.entries({ ...upgradeHeaders, ...headers }).filter(([, value]) => value !== undefined);
  const asking = request(url.replace(/^ws/, 'http'), { method, headers: Object.fromEntries(all) });
  asking.end();
  return new Promise((resolve, reject) => {
    asking.on('error', reject);
    asking.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, code: undefined, body: '' });
    });
    asking.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        const code = /"code":"(\w+)"/.exec(body)?.[1];
        resolve({ status: response.statusCode ?? 0, headers: response.headers, code, body });
      });
    });
  });
}
