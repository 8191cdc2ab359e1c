import type { Incoming } from './request.ts';

export type Era = 'modern' | 'legacy';

const info = '{"name":"chaos","version":"1.0.0"}';
const serverMeta = `"_meta":{"io.modelcontextprotocol/serverInfo":${info}}`;
const hints = '"ttlMs":60000,"cacheScope":"public"';
const inputSchema = '{"type":"object"}';
const tools = `[${['do', 'again', 'keep'].map((name) => `{"name":"${name}","inputSchema":${inputSchema}}`).join(',')}]`;

/** The results that every server of an era gives; `undefined` where there is no such method. */
export function resultOf(era: Era, method: string): string | undefined {
  if (era === 'modern') {
    if (method === 'server/discover')
      return `{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},${hints},${serverMeta}}`;
    if (method === 'tools/list') return `{"resultType":"complete","tools":${tools},${hints},${serverMeta}}`;
    return undefined;
  }
  if (method === 'initialize')
    return `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":${info}}`;
  if (method === 'tools/list') return `{"tools":${tools}}`;
  if (method === 'ping') return '{}';
  return undefined;
}

/** What the tool answers: the caller's own arguments, as they were spelled. */
export function toolResult(era: Era, { arguments: { key }, spelled }: Incoming): string {
  const content = `"content":[{"type":"text","text":${JSON.stringify(key)}}],"structuredContent":${spelled}`;
  return era === 'modern' ? `{"resultType":"complete",${content},${serverMeta}}` : `{${content}}`;
}

/** An answer that nobody may ever be given. */
export function poison(era: Era): string {
  return toolResult(era, {
    id: undefined,
    method: '',
    tool: '',
    arguments: { key: 'poison', act: 'echo', ms: 0, fault: '' },
    spelled: '{"poison":true}',
    progressToken: undefined,
    cancelled: undefined,
  });
}

export function reply(id: string, result: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
}

export function failure(id: string, code: number, message: string): string {
  return `{"jsonrpc":"2.0","id":${id},"error":{"code":${code},"message":${JSON.stringify(message)}}}`;
}

export function progress(token: string | number, step: number, key: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${JSON.stringify(token)},"progress":${step},"message":${JSON.stringify(key)}}}`;
}

/** An id far from any that was given out. */
export function strangeId(id: string): string {
  return /^\d+$/.test(id) ? String(Number(id) + 1_000_000_007) : JSON.stringify(`${id} not`);
}

export const strangeToken = 'a token of nobody';

/** Deeper than anybody reads. */
export function deepResult(): string {
  const depth = 100_000;
  return `{"resultType":"complete","content":[],"structuredContent":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}
