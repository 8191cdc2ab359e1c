/** What the measured server answers: `tools/call` with a text of `BENCH_RESULT_BYTES` bytes (default 64). */
const text = 'x'.repeat(Number(process.env['BENCH_RESULT_BYTES'] ?? 64));
const hints = '"ttlMs":0,"cacheScope":"private"';
const info = '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"bench-upstream","version":"1.0.0"}}';
const results: Readonly<Record<string, string>> = {
  ping: '{}',
  'server/discover': `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},${hints},${info}}`,
  'tools/list': `{"resultType":"complete","tools":[{"name":"echo","description":"Echoes","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}}],${hints},${info}}`,
  'tools/call': `{"resultType":"complete","content":[{"type":"text","text":"${text}"}],${info}}`,
};

/** What a client before 2026-07-28 begins with; its revision is taken as it is. */
const handshake = (request: string): string => {
  const version = /"protocolVersion" *: *"([^"]+)"/.exec(request)?.[1] ?? '2025-11-25';
  return `{"protocolVersion":"${version}","capabilities":{"tools":{}},"serverInfo":{"name":"bench-upstream","version":"1.0.0"}}`;
};

export function isNotification(request: string): boolean {
  return /"method" *: *"notifications\//.test(request);
}

/** The message that answers `request`, which is only searched for its id. */
export function answerBody(method: string, request: string): { readonly known: boolean; readonly json: string } {
  const id = /"id" *: *("[^"]*"|\d+)/.exec(request)?.[1] ?? 'null';
  const result = method === 'initialize' ? handshake(request) : results[method];
  const json =
    result === undefined
      ? `{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,"message":"Method not found"}}`
      : `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
  return { known: result !== undefined, json };
}
