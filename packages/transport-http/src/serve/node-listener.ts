import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { HostRule, isLoopback, loopbackHosts, ToolyardError } from '@toolyard/protocol';
import { answerError, refuseHosts } from './answer-error.ts';
import type { Mounts } from './mounts.ts';
import { NodeExchange } from './node-exchange.ts';
import type { HttpServeOptions } from '../options.ts';

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
    if (mounts.closing) response.setHeader('connection', 'close');
    if (refuseHosts(request, response)) return;
    const found = mounts.find(request.url);
    if (found !== undefined)
      return found.endpoint.answer(new NodeExchange(request, response, found.endpoint), found.place);
    const { host: name } = request.headers;
    if (hosts.allows(name)) return fallback(request, response);
    const facts = { host: name ?? '' };
    answerError(response, new ToolyardError('HOST_REJECTED', facts, 'This server does not go by that name (Host).'));
  };
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '').replace(/\?.*$/s, '').slice(0, 256);
  answerError(response, new ToolyardError('NOT_FOUND', { path }, 'There is nothing at this path.'));
}
