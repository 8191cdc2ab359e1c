import type { IncomingMessage, ServerResponse } from 'node:http';

import { ToolyardError, toWireError } from '@toolyard/protocol';

import { endpointPath, healthPath } from '../client/endpoint.ts';
import { answerJson, answerWrongMethod } from './answer-json.ts';
import { type GatewayStatus, healthCode } from './status.ts';

/** Answers what it takes for its own, and says whether it did. */
export type Door = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

/** Answers `GET /health` with the status as JSON, and 404 to everything else that the other door does not take. */
export function healthFallback(
  status: () => GatewayStatus,
  other: Door,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (other(path, request, response)) return;
    if (path !== healthPath) return answerJson(response, 404, nothingAt(path));
    if (request.method !== 'GET' && request.method !== 'HEAD') return answerWrongMethod(response, 'GET', 'HEAD');
    const body = status();
    answerJson(response, healthCode(body.status), body);
  };
}

/** Does not say which profiles there are: whoever asks may not be meant to know. */
function nothingAt(path: string): unknown {
  const message = `There is nothing here; the endpoint is ${endpointPath}, and its health ${healthPath}.`;
  const { error } = toWireError(new ToolyardError('NOT_FOUND', { path: path.slice(0, 256) }, message));
  return { jsonrpc: '2.0', error: error.value };
}
