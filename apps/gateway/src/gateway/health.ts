import type { IncomingMessage, ServerResponse } from 'node:http';

import { ToolyardError, toWireError } from '@toolyard/protocol';

import { endpointPath, healthPath } from '../client/endpoint.ts';
import { type GatewayStatus, healthCode } from './status.ts';

/** Answers `GET /health` with the status as JSON, and 404 to everything else. */
export function healthFallback(
  status: () => GatewayStatus,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (path !== healthPath) return answer(response, 404, nothingAt(path));
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, 405, { error: 'Only GET.' }, { allow: 'GET, HEAD' });
    const body = status();
    answer(response, healthCode(body.status), body);
  };
}

/** Does not say which profiles there are: whoever asks may not be meant to know. */
function nothingAt(path: string): unknown {
  const message = `There is nothing here; the endpoint is ${endpointPath}, and its health ${healthPath}.`;
  const { error } = toWireError(new ToolyardError('NOT_FOUND', { path: path.slice(0, 256) }, message));
  return { jsonrpc: '2.0', error: error.value };
}

function answer(response: ServerResponse, code: number, body: unknown, headers: Record<string, string> = {}): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}
