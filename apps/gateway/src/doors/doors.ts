import type { IncomingMessage, ServerResponse } from 'node:http';

import { ToolyardError, toWireError } from '@toolyard/protocol';

import { answerJson } from './answer-json.ts';
import { endpointPath, healthPath } from './paths.ts';

/** Answers what it takes for its own, and says whether it did. `path`: without the query. */
export type Door = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

/** The first door that takes a request answers it; what none takes gets 404. */
export function firstOf(doors: readonly Door[]): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (!doors.some((door) => door(path, request, response))) answerJson(response, 404, nothingAt(path));
  };
}

/** Does not say which profiles there are: whoever asks may not be meant to know. */
function nothingAt(path: string): unknown {
  const message = `There is nothing here; the endpoint is ${endpointPath}, and its health ${healthPath}.`;
  const { error } = toWireError(new ToolyardError('NOT_FOUND', { path: path.slice(0, 256) }, message));
  return { jsonrpc: '2.0', error: error.value };
}
