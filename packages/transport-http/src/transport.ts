import {
  checkNumbers,
  connectHttp,
  type Connection,
  type ConnectOptions,
  countOf,
  createParking,
  EraMemory,
  millisecondsFrom,
  type Service,
  type Target,
  ToolyardError,
  type Transport,
  type UrlTarget,
} from '@toolyard/protocol';
import type { HttpListener, HttpServeOptions, HttpTransportOptions } from './options.ts';
import { Pools } from './connect/pools.ts';
import { serveHttp } from './serve/serve.ts';
import { undiciExchange } from './connect/undici-exchange.ts';

/** The transport with the options that HTTP has beside those of every transport. */
export interface HttpTransport extends Transport {
  serve(service: Service, options: HttpServeOptions): Promise<HttpListener>;
}

const defaultMaxMessageBytes = 16 * 1_048_576;

const rules = {
  eraHorizonMs: { unit: 'milliseconds', min: 0, max: Number.MAX_SAFE_INTEGER, parts: true, endless: true },
  maxEras: countOf('servers'),
  maxSockets: countOf('sockets'),
  socketTimeoutMs: millisecondsFrom(1),
};
const sessionRules = { maxSessions: countOf('sessions'), idleMs: millisecondsFrom(0) };

/** Makes the transport for `http:` and `https:` URLs: Streamable HTTP and HTTP+SSE, every revision, both roles. Its connections share sockets and what is known of eras. Throws `CONFIG_INVALID` for numbers that would not do. */
export function httpTransport(options: HttpTransportOptions = {}): HttpTransport {
  checkNumbers('an HTTP transport', options, rules);
  checkNumbers('the sessions of an HTTP transport', options.sessions ?? {}, sessionRules);
  const eras = new EraMemory({ horizonMs: options.eraHorizonMs ?? 600_000, maxEntries: options.maxEras ?? 1_000 });
  const parking = options.parking ?? createParking();
  const pools = new Pools({
    maxSockets: options.maxSockets ?? 1_024,
    connectTimeoutMs: options.socketTimeoutMs ?? 10_000,
  });
  return {
    contract: 'transport/1',
    name: 'http',
    accepts: (target) => 'url' in target && target.start === undefined && isHttp(target),
    connect: (target, given) => connect(target, given),
    serve: (service, given) => serveHttp(service, given),
  };

  async function connect(target: Target, given: ConnectOptions): Promise<Connection> {
    const where = 'url' in target ? target.url : target.command;
    if (!('url' in target) || !isHttp(target)) {
      throw new ToolyardError(
        'TRANSPORT_UNKNOWN',
        { target: where, known: ['http:', 'https:'] },
        `HTTP does not reach ${where}.`,
      );
    }
    const url = read(target.url, given.upstream);
    const open = () =>
      undiciExchange({
        dispatchers: pools.acquire(url.origin),
        path: url.pathname + url.search,
        maxMessageBytes: given.maxMessageBytes ?? defaultMaxMessageBytes,
        release: () => pools.release(url.origin),
      });
    const { sessions } = options;
    return connectHttp(open, {
      ...given,
      endpoint: target.url,
      eras,
      headers: ownHeaders(target, given.onLog),
      parking,
      ...(sessions !== undefined && { sessions }),
    });
  }
}

function read(text: string, upstream: string): URL {
  try {
    return new URL(text);
  } catch (cause) {
    throw new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `${upstream} has an address that is no URL.`, {
      cause,
    });
  }
}

/** Headers that the protocol or HTTP itself decides. */
const reserved =
  /^(?:content-|accept$|accept-encoding$|host$|connection$|keep-alive$|transfer-encoding$|upgrade$|expect$|last-event-id$|mcp-)/i;

function ownHeaders({ headers = {} }: UrlTarget, onLog: ConnectOptions['onLog']): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!reserved.test(name)) return [name, value];
    onLog?.(`header ${name} is not ours to set: left out`);
    return [];
  });
}

function isHttp(target: UrlTarget): boolean {
  return /^https?:\/\//i.test(target.url);
}
