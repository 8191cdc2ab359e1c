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
import type { Exchange, ExchangeKeeper } from './exchange.ts';
import type { HttpHandlerOptions, Principal } from '../options.ts';
import { type Place, Places } from './sse-paths.ts';

const defaultMaxMessageBytes = 4_194_304;
const defaultKeepAliveMs = 15_000;
/** A client that takes nothing of what was sent for this long is cut off. */
const defaultStallMs = 60_000;
const corsHeaders = ['access-control-allow-methods', 'POST, GET, DELETE', 'access-control-max-age', '600'];
const headerList = /^[\w-]+(?:\s*,\s*[\w-]+)*$/;

/** One MCP endpoint, whatever reads its requests: who may ask, how much, and what becomes of an exchange while it is open. */
export class Endpoint implements ExchangeKeeper {
  readonly path: string;
  readonly #door: HttpDoor;
  readonly #options: HttpHandlerOptions;
  readonly #places: Places;
  readonly #hosts: HostRule;
  readonly #origins: OriginRule;
  readonly #maxBytes: number;
  readonly #open = new OpenItems<Exchange>();
  #tending: NodeJS.Timeout | undefined;
  #nowMs: number = performance.now();

  constructor(service: Service, options: HttpHandlerOptions) {
    const {
      path = '/mcp',
      host = '127.0.0.1',
      allowedOrigins = [],
      maxMessageBytes = defaultMaxMessageBytes,
    } = options;
    const loopback = isLoopback(host);
    this.path = path;
    this.#door = httpDoor(service, options);
    this.#options = options;
    this.#places = new Places(path, options.sse ?? false);
    this.#maxBytes = maxMessageBytes;
    this.#hosts = new HostRule(options.allowedHosts ?? (loopback ? loopbackHosts() : undefined));
    this.#origins = new OriginRule(allowedOrigins, loopback);
  }

  /** What a request with this target is for; `undefined` where it is for nothing here. */
  find(url: string | undefined): Place | undefined {
    return this.#places.find(url);
  }

  enter(exchange: Exchange): number {
    this.#open.add(exchange);
    this.#tend();
    return this.#nowMs;
  }

  left(exchange: Exchange): void {
    this.#open.delete(exchange);
  }

  /** Answers an exchange that was begun for a place of this endpoint. */
  answer(exchange: Exchange, place: Place): void {
    const host = exchange.header('host');
    if (!this.#hosts.allows(host)) {
      return refuse(
        exchange,
        new ToolyardError('HOST_REJECTED', { host: host ?? '' }, 'This endpoint does not go by that name (Host).'),
      );
    }
    const origin = exchange.header('origin');
    if (origin !== undefined && !this.#admitPage(exchange, origin)) return;
    const { identify } = this.#options;
    if (identify === undefined) this.#read(exchange, place);
    else void this.#identify(exchange, place, identify);
  }

  /** Pages of other sites that are allowed need CORS; their preflight is answered here. */
  #admitPage(exchange: Exchange, origin: string): boolean {
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
    exchange: Exchange,
    place: Place,
    identify: NonNullable<HttpHandlerOptions['identify']>,
  ): Promise<void> {
    let who: Principal;
    try {
      who = await identify(exchange.headers);
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

  #read(exchange: Exchange, place: Place): void {
    const limitBytes = this.#maxBytes;
    exchange.readBody(limitBytes, (body) => {
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

  #hand(exchange: Exchange, place: Place): void {
    switch (place) {
      case 'endpoint':
        return this.#door.handle(exchange, exchange);
      case 'events':
        return this.#door.handleEvents(exchange, exchange, this.#places.messagesPath);
      case 'messages':
        return this.#door.handleMessage(exchange, exchange, sessionIdOf(exchange.url));
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

  /** As `Listener.close`. */
  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    await this.#door.close(options);
    clearInterval(this.#tending);
    this.#tending = undefined;
  }
}

function sessionIdOf(url: string): string | undefined {
  const at = url.indexOf('?');
  return at < 0 ? undefined : (new URLSearchParams(url.slice(at)).get('sessionId') ?? undefined);
}
