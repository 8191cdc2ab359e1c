import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Service } from '@toolyard/protocol';
import { refuseHosts } from './answer-error.ts';
import { Endpoint } from './endpoint.ts';
import { NodeExchange } from './node-exchange.ts';
import type { HttpHandlerOptions } from '../options.ts';

/** Answers MCP requests on one path of a `node:http` server. */
export interface HttpHandler extends AsyncDisposable {
  /** Whether the request is for this endpoint; if so it is answered, and if not it is left untouched. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** As `Listener.close`, for the endpoint; the server it is mounted on is its owner's. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** An MCP endpoint to mount on a server of your own. `serve` of the transport makes a server for it. */
export function httpHandler(service: Service, options: HttpHandlerOptions): HttpHandler {
  const endpoint = new Endpoint(service, options);
  const close: HttpHandler['close'] = (given) => endpoint.close(given);
  return {
    handle(request, response) {
      const place = endpoint.find(request.url);
      if (place === undefined) return false;
      if (!refuseHosts(request, response)) endpoint.answer(new NodeExchange(request, response, endpoint), place);
      return true;
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
