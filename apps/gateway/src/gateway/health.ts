import type { IncomingMessage, ServerResponse } from 'node:http';

import { healthPath } from '../client/endpoint.ts';
import { type GatewayStatus, healthCode } from './status.ts';

/** Answers `GET /health` with the status as JSON, and 404 to everything else. */
export function healthFallback(
  status: () => GatewayStatus,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (path !== healthPath)
      return answer(response, 404, {
        error: `There is nothing here; the endpoint is /mcp, and its health ${healthPath}.`,
      });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answer(response, 405, { error: 'Only GET.' }, { allow: 'GET, HEAD' });
    const body = status();
    answer(response, healthCode(body.status), body);
  };
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
