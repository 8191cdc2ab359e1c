import {
  checkNumbers,
  type Connection,
  type ConnectOptions,
  connectPipe,
  countOf,
  createParking,
  EraMemory,
  type Listener,
  millisecondsFrom,
  type Parking,
  type Pipe,
  type Service,
  type Target,
  ToolyardError,
  type Transport,
  type UrlTarget,
} from '@toolyard/protocol';
import { openSocket } from './open-socket.ts';
import type { WsServeOptions, WsTransportOptions } from './options.ts';
import { serveWs } from './serve.ts';
import { wsPipe } from './ws-pipe.ts';

/** The transport with the options that WebSocket has beside those of every transport. */
export interface WsTransport extends Transport {
  serve(service: Service, options: WsServeOptions): Promise<Listener>;
}

const rules = {
  pingMs: millisecondsFrom(1),
  deadMs: millisecondsFrom(1),
  closeMs: millisecondsFrom(0),
  highWaterBytes: countOf('bytes'),
  probeTimeoutMs: millisecondsFrom(1),
};

const defaultMaxMessageBytes = 16 * 1_048_576;
const normalClosure = 1000;

/**
 * MCP over WebSocket, a custom transport that the specification does not have: `ws:` and `wss:` URLs, one message a text frame, subprotocol `mcp`, every revision,
 * both roles. A connection that is over is not made again here: wrap `connect` in `supervise` of `@toolyard/protocol`. Throws `CONFIG_INVALID` for numbers that would not do.
 */
export function wsTransport(options: WsTransportOptions = {}): WsTransport {
  checkNumbers('a WebSocket transport', options, rules);
  const parking = options.parking ?? createParking();
  const eras = new EraMemory();
  return {
    contract: 'transport/1',
    name: 'ws',
    accepts: (target) => 'url' in target && target.start === undefined && isWs(target),
    connect: (target, given) => connect(target, given, { ...options, parking, eras }),
    serve: (service, given) => serveWs(service, { ...options, ...given }),
  };
}

async function connect(
  target: Target,
  given: ConnectOptions,
  options: WsTransportOptions & { readonly parking: Parking; readonly eras: EraMemory },
): Promise<Connection> {
  if (!('url' in target) || !isWs(target)) {
    const where = 'url' in target ? target.url.split(':', 1).join() : target.command;
    throw new ToolyardError(
      'TRANSPORT_UNKNOWN',
      { target: where, known: ['ws:', 'wss:'] },
      `WebSocket does not reach ${where}.`,
    );
  }
  const { upstream, connectTimeoutMs = 30_000, maxMessageBytes = defaultMaxMessageBytes } = given;
  const url = URL.parse(target.url);
  if (url === null)
    throw new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `${upstream} has an address that is no URL.`);
  const opening = {
    upstream,
    headers: ownHeaders(target, given.onLog),
    signal: given.signal,
    connectTimeoutMs,
    deadlineMs: performance.now() + connectTimeoutMs,
    maxMessageBytes,
    closeMs: options.closeMs ?? 2_000,
    perMessageDeflate: options.perMessageDeflate ?? false,
  };
  const pipeOptions = { ...options, name: `server ${upstream}`, maxMessageBytes, closeCode: normalClosure };
  const open = (): Promise<Pipe> => openSocket(url, opening, ({ socket, wire }) => wsPipe(socket, wire, pipeOptions));
  const { parking, eras, probeTimeoutMs } = options;
  return connectPipe(open, {
    ...given,
    wire: 'websocket',
    parking,
    remember: { eras, endpoint: target.url },
    ...(probeTimeoutMs !== undefined && { probeTimeoutMs }),
  });
}

/** Headers that the upgrade or HTTP itself decides. */
const reserved =
  /^(?:connection|upgrade|host|expect|te|trailer|keep-alive|transfer-encoding|content-.*|sec-websocket-.*)$/i;

function ownHeaders({ headers = {} }: UrlTarget, onLog: ConnectOptions['onLog']): Readonly<Record<string, string>> {
  const kept = Object.entries(headers).filter(([name]) => {
    if (reserved.test(name)) onLog?.(`header ${name} is not ours to set: left out`);
    return !reserved.test(name);
  });
  return Object.fromEntries(kept);
}

function isWs(target: UrlTarget): boolean {
  return /^wss?:\/\//i.test(target.url);
}
