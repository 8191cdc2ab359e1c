import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorTable, ToolyardError, toWireError } from '@toolyard/protocol';

/** Answers what never became an exchange, and ends the connection. */
export function answerError(response: ServerResponse, error: ToolyardError): void {
  const { error: told } = toWireError(error);
  const body = Buffer.concat([Buffer.from('{"jsonrpc":"2.0","error":'), told.bytes, Buffer.from('}')]);
  response.writeHead(errorTable[error.code].httpStatus, [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    'connection',
    'close',
  ]);
  response.end(body);
}

/** Refuses a request that names several hosts: which of them is meant, those on the way may have understood otherwise (RFC 9112 §3.2). False where there is nothing to refuse. */
export function refuseHosts({ headersDistinct }: IncomingMessage, response: ServerResponse): boolean {
  if ((headersDistinct['host']?.length ?? 0) < 2) return false;
  const facts = { header: 'Host', reason: 'it is there more than once' };
  answerError(response, new ToolyardError('HEADER_MISMATCH', facts, 'A request has one Host.'));
  return true;
}
