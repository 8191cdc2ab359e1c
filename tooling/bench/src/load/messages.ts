/** Requests of both kinds of clients, as bytes to be sent again and again. */

const modernRevision = '2026-07-28';
export const sessionRevision = '2025-11-25';
const client = { name: 'bench', version: '1.0.0' };

export function post(url: URL, message: object, headers: readonly string[] = []): Buffer {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return Buffer.from(
    [
      `POST ${url.pathname}${url.search} HTTP/1.1`,
      `host: ${url.host}`,
      'content-type: application/json',
      'accept: application/json, text/event-stream',
      ...headers,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** A request of 2026-07-28, complete in itself. */
export function modernPost(url: URL, method: string, params: Readonly<Record<string, unknown>> = {}): Buffer {
  const headers = [`mcp-protocol-version: ${modernRevision}`, `mcp-method: ${method}`];
  if (typeof params['name'] === 'string') headers.push(`mcp-name: ${params['name']}`);
  return post(url, { id: 1, method, params: { ...params, _meta: modernMeta } }, headers);
}

export const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': modernRevision,
  'io.modelcontextprotocol/clientInfo': client,
  'io.modelcontextprotocol/clientCapabilities': {},
};

export const initialize = {
  id: 0,
  method: 'initialize',
  params: { protocolVersion: sessionRevision, capabilities: {}, clientInfo: client },
};
export const initialized = { method: 'notifications/initialized' };

export function withoutBody(method: 'GET' | 'DELETE', url: URL, headers: readonly string[] = []): Buffer {
  const lines = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    'accept: text/event-stream',
    ...headers,
  ];
  return Buffer.from([...lines, '', ''].join('\r\n'));
}

export const echoArguments = { text: 'hello' };

/** What to call, whatever the target put before the name: its list has one tool that ends so. */
export function echoIn(answer: string): string {
  const name = /"name" *: *"([^"]*echo)"/.exec(answer)?.[1];
  if (name === undefined) throw new Error(`it lists no tool that echoes: ${answer.slice(0, 300)}`);
  return name;
}
