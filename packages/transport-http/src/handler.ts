import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  HostRule,
  httpDoor,
  type HttpDoor,
  isLoopback,
  loopbackHosts,
  OpenItems,
  OriginRule,
  refuse,
  type Service,
  ToolyardError,
} from '@toolyard/protocol';
import { readBody } from './body.ts';
import { NodeExchange } from './node-exchange.ts';
import type { HttpHandlerOptions, Principal } from './options.ts';
import { type Place, Places } from './sse-paths.ts';

/** Answers MCP requests on one path of a `node:http` server. */
export interface HttpHandler extends AsyncDisposable {
  /** Whether the request is for this endpoint; if so it is answered, and if not it is left untouched. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** As `Listener.close`, for the endpoint; the server it is mounted on is its owner's. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const defaultMaxMessageBytes = 4_194_304;
const defaultKeepAliveMs = 15_000;
/** A client that takes nothing of what was sent for this long is cut off. */
const defaultStallMs = 60_000;
const corsHeaders = ['access-control-allow-methods', 'POST, GET, DELETE', 'access-control-max-age', '600'];
const headerList = /^[\w-]+(?:\s*,\s*[\w-]+)*$/;

/** An MCP endpoint to mount on a server of your own. `serve` of the transport makes a server for it. */
export function httpHandler(service: Service, options: HttpHandlerOptions): HttpHandler {
  return new NodeHandler(httpDoor(service, options), options);
}

class NodeHandler implements HttpHandler {
  readonly #door: HttpDoor;
  readonly #options: HttpHandlerOptions;
  readonly #places: Places;
  readonly #hosts: HostRule;
  readonly #origins: OriginRule;
  readonly #maxBytes: number;
  readonly #open = new OpenItems<NodeExchange>();
  readonly #left = (exchange: NodeExchange): void => void this.#open.delete(exchange);
  #tending: NodeJS.Timeout | undefined;
  #nowMs: number = performance.now();

  constructor(door: HttpDoor, options: HttpHandlerOptions) {
    const {
      path = '/mcp',
      host = '127.0.0.1',
      allowedOrigins = [],
      maxMessageBytes = defaultMaxMessageBytes,
    } = options;
    const loopback = isLoopback(host);
    this.#door = door;
    this.#options = options;
    this.#places = new Places(path, options.sse ?? false);
    this.#maxBytes = maxMessageBytes;
    this.#hosts = new HostRule(options.allowedHosts ?? (loopback ? loopbackHosts() : undefined));
    this.#origins = new OriginRule(allowedOrigins, loopback);
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const place = this.#places.find(request.url);
    if (place === undefined) return false;
    this.#tend();
    const exchange = new NodeExchange(request, response, this.#nowMs, this.#left);
    this.#open.add(exchange);
    const { host, origin } = request.headers;
    if (!this.#hosts.allows(host)) {
      refuse(
        exchange,
        new ToolyardError('HOST_REJECTED', { host: host ?? '' }, 'This endpoint does not go by that name (Host).'),
      );
      return true;
    }
    if (origin !== undefined && !this.#admitPage(exchange, origin)) return true;
    const { identify } = this.#options;
    if (identify === undefined) this.#read(exchange, place);
    else void this.#identify(exchange, place, identify);
    return true;
  }

  /** Pages of other sites that are allowed need CORS; their preflight is answered here. */
  #admitPage(exchange: NodeExchange, origin: string): boolean {
    if (!this.#origins.allows(origin)) {
      refuse(
        exchange,
        new ToolyardError(
          'ORIGIN_REJECTED',
          { origin: origin.slice(0, 256) },
          'Pages of that origin may not use this endpoint.',
        ),
      );
      return false;
    }
    exchange.extraHeaders = [
      'access-control-allow-origin',
      origin,
      'vary',
      'Origin',
      'access-control-expose-headers',
      'Mcp-Session-Id, WWW-Authenticate',
    ];
    if (exchange.method !== 'OPTIONS') return true;
    const wanted = exchange.header('access-control-request-headers') ?? '';
    exchange.respond(
      204,
      headerList.test(wanted) ? [...corsHeaders, 'access-control-allow-headers', wanted] : corsHeaders,
    );
    return false;
  }

  async #identify(
    exchange: NodeExchange,
    place: Place,
    identify: NonNullable<HttpHandlerOptions['identify']>,
  ): Promise<void> {
    let who: Principal;
    try {
      who = await identify(exchange.request.headers);
    } catch (error) {
      const challenge = ToolyardError.is(error, 'UNAUTHENTICATED')
        ? ['www-authenticate', this.#options.challenge ?? 'Bearer']
        : [];
      return refuse(exchange, error, undefined, ['content-type', 'application/json', ...challenge]);
    }
    exchange.principal = who.principal;
    exchange.tenant = who.tenant ?? 'default';
    this.#read(exchange, place);
  }

  #read(exchange: NodeExchange, place: Place): void {
    const limitBytes = this.#maxBytes;
    readBody(exchange.request, limitBytes, (body) => {
      if (body === 'too-large') {
        refuse(
          exchange,
          new ToolyardError('MESSAGE_TOO_LARGE', { limitBytes }, `A message may have ${limitBytes} bytes.`),
        );
      } else {
        exchange.body = body;
        this.#hand(exchange, place);
      }
    });
  }

  #hand(exchange: NodeExchange, place: Place): void {
    switch (place) {
      case 'endpoint':
        return this.#door.handle(exchange, exchange);
      case 'events':
        return this.#door.handleEvents(exchange, exchange, this.#places.messagesPath);
      case 'messages':
        return this.#door.handleMessage(exchange, exchange, sessionIdOf(exchange.request.url));
    }
  }

  /** One timer for all exchanges, while there are any. */
  #tend(): void {
    if (this.#tending !== undefined) return;
    const { keepAliveMs = defaultKeepAliveMs, stallMs = defaultStallMs } = this.#options;
    const everyMs = Math.max(Math.min(keepAliveMs, stallMs) / 4, 5);
    this.#nowMs = performance.now();
    this.#tending = setInterval(() => {
      const nowMs = (this.#nowMs = performance.now());
      for (const exchange of this.#open.list()) exchange.tend(nowMs, keepAliveMs, stallMs);
      if (this.#open.size > 0) return;
      clearInterval(this.#tending);
      this.#tending = undefined;
    }, everyMs);
    this.#tending.unref();
  }

  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    await this.#door.close(options);
    clearInterval(this.#tending);
    this.#tending = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function sessionIdOf(url = ''): string | undefined {
  const at = url.indexOf('?');
  return at < 0 ? undefined : (new URLSearchParams(url.slice(at)).get('sessionId') ?? undefined);
}
