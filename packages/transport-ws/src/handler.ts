import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  HostRule,
  isLoopback,
  loopbackHosts,
  OriginRule,
  servePipe,
  type Service,
  type Serving,
  ToolyardError,
} from '@toolyard/protocol';
import { WebSocketServer } from 'ws';
import { socketBounds } from './open-socket.ts';
import type { Principal, WsHandlerOptions } from './options.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { wsPipe } from './ws-pipe.ts';

/** Takes the WebSocket clients of one path of a `node:http` or `node:https` server. */
export interface WsHandler extends AsyncDisposable {
  /**
   * For the server's event `upgrade`. Whether the upgrade is for this endpoint; if so it is answered, whatever the answer, and if not
   * it is left untouched.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** As `Listener.close`, for the endpoint; the server it is mounted on is its owner's. Clients are told 1001. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const defaultMaxMessageBytes = 4 * 1_048_576;
const defaultMaxClients = 1_024;
const goingAway = 1001;
const newestVersion = [['Sec-WebSocket-Version', '13']] as const;
const anonymous: Principal = { principal: 'anonymous' };

/** An MCP endpoint to mount on a server of your own. `serve` of the transport makes a server for it. */
export function wsHandler(service: Service, options: WsHandlerOptions): WsHandler {
  return new Handler(service, options);
}

class Handler implements WsHandler {
  readonly #service: Service;
  readonly #options: WsHandlerOptions;
  readonly #path: string;
  readonly #maxMessageBytes: number;
  readonly #hosts: HostRule;
  readonly #origins: OriginRule;
  readonly #upgrades: WebSocketServer;
  readonly #clients = new Set<Serving>();
  /** All sockets that were not refused at once, until nothing is left of them. */
  readonly #open = new Set<Duplex>();
  /** Those of whom it is not yet known who they are. */
  readonly #arriving = new Set<Duplex>();
  #isClosing = false;

  constructor(service: Service, options: WsHandlerOptions) {
    const {
      path = '/mcp',
      host = '127.0.0.1',
      allowedOrigins = [],
      maxMessageBytes = defaultMaxMessageBytes,
    } = options;
    const loopback = isLoopback(host);
    this.#service = service;
    this.#options = options;
    this.#path = path;
    this.#maxMessageBytes = maxMessageBytes;
    this.#hosts = new HostRule(options.allowedHosts ?? (loopback ? loopbackHosts() : undefined));
    this.#origins = new OriginRule(allowedOrigins, loopback);
    this.#upgrades = new WebSocketServer({
      ...socketBounds({ maxMessageBytes, closeMs: options.closeMs ?? 2_000 }),
      noServer: true,
      clientTracking: false,
      perMessageDeflate: options.perMessageDeflate ?? false,
      handleProtocols: () => 'mcp',
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (!this.#isMine(request.url)) return false;
    socket.on('error', () => socket.destroy());
    const refusal = this.#refusal(request);
    if (refusal !== undefined) refuseUpgrade(socket, refusal);
    // Drafts before 13 say Origin in another header.
    else if (request.headers['sec-websocket-version'] !== '13')
      refuseUpgrade(socket, versionWanted(), newestVersion, 426);
    else void this.#identify(request, socket, head);
    return true;
  }

  async #identify(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#open.add(socket);
    this.#arriving.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#arriving.delete(socket);
    });
    const { identify, challenge = 'Bearer' } = this.#options;
    let who = anonymous;
    try {
      who = (await identify?.(request.headers)) ?? anonymous;
    } catch (error) {
      const isStranger = ToolyardError.is(error, 'UNAUTHENTICATED');
      if (this.#arriving.delete(socket))
        refuseUpgrade(socket, error, isStranger ? [['WWW-Authenticate', challenge]] : []);
      return;
    }
    // It may have left, or been sent away, while it was asked for.
    if (this.#arriving.delete(socket)) this.#admit(request, socket, head, who);
  }

  #admit(request: IncomingMessage, socket: Duplex, head: Buffer, who: Principal): void {
    this.#upgrades.handleUpgrade(request, socket, head, (opened) => {
      const naming = { name: 'a client', maxMessageBytes: this.#maxMessageBytes, closeCode: goingAway };
      const pipe = wsPipe(opened, socket, { ...this.#options, ...naming });
      const client = servePipe(pipe, this.#service, { ...this.#options, ...who });
      this.#clients.add(client);
      void client.closed.then(() => this.#clients.delete(client));
    });
  }

  #refusal({ headers }: IncomingMessage): ToolyardError | undefined {
    if (this.#isClosing) return closing();
    const { host, origin } = headers;
    if (!this.#hosts.allows(host))
      return new ToolyardError('HOST_REJECTED', { host: host ?? '' }, 'This endpoint does not go by that name (Host).');
    if (origin !== undefined && !this.#origins.allows(origin)) {
      const facts = { origin: origin.slice(0, 256) };
      return new ToolyardError('ORIGIN_REJECTED', facts, 'Pages of that origin may not use this endpoint.');
    }
    const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
    if (offered?.includes('mcp') !== true) {
      const reason = 'Sec-WebSocket-Protocol has to offer mcp';
      return new ToolyardError('INVALID_REQUEST', { reason }, `${reason}.`);
    }
    const { maxClients: limit = defaultMaxClients } = this.#options;
    if (this.#open.size >= limit)
      return new ToolyardError('TOO_MANY_CALLS', { limit }, `There are ${limit} clients already.`);
    return undefined;
  }

  #isMine(url: string | undefined): boolean {
    const path = this.#path;
    return url === path || (url !== undefined && url.startsWith(path) && url.charCodeAt(path.length) === 0x3f);
  }

  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    this.#isClosing = true;
    for (const socket of this.#arriving) refuseUpgrade(socket, closing());
    this.#arriving.clear();
    await Promise.all([...this.#clients].map((client) => client.close(options)));
    await Promise.all([...this.#open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function versionWanted(): ToolyardError {
  const reason = 'Sec-WebSocket-Version has to be 13';
  return new ToolyardError('INVALID_REQUEST', { reason }, `${reason}.`);
}

function closing(): ToolyardError {
  return new ToolyardError('CLOSED', { what: 'server' }, 'The server is closing.');
}
