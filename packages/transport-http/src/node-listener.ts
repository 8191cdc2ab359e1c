import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { errorTable, HostRule, isLoopback, loopbackHosts, ToolyardError, toWireError } from '@toolyard/protocol';
import type { Mounts } from './mounts.ts';
import { NodeExchange } from './node-exchange.ts';
import type { HttpServeOptions } from './options.ts';

/** Answers all that comes to a `node:http` server: what is for an endpoint there, the rest by the fallback, after the check of `Host`. */
export function nodeListener(
  mounts: Mounts,
  {
    host = '127.0.0.1',
    allowedHosts,
    fallback = notFound,
  }: Pick<HttpServeOptions, 'host' | 'allowedHosts' | 'fallback'>,
): RequestListener {
  const hosts = new HostRule(allowedHosts ?? (isLoopback(host) ? loopbackHosts() : undefined));
  return (request, response) => {
    const found = mounts.find(request.url);
    if (found !== undefined)
      return found.endpoint.answer(new NodeExchange(request, response, found.endpoint), found.place);
    const { host: name } = request.headers;
    if (hosts.allows(name)) return fallback(request, response);
    const facts = { host: name ?? '' };
    json(response, new ToolyardError('HOST_REJECTED', facts, 'This server does not go by that name (Host).'));
  };
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '').replace(/\?.*$/s, '').slice(0, 256);
  json(response, new ToolyardError('NOT_FOUND', { path }, 'There is nothing at this path.'));
}

function json(response: ServerResponse, error: ToolyardError): void {
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
