import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { Service } from '../../../service.ts';
import type { Envelope } from '../../../wire/envelope.ts';
import type { Accepted } from '../../http/http-accept.ts';
import type { HttpDoorOptions } from '../../http/http-door-options.ts';
import type { HttpIncoming, HttpOutgoing } from '../../http/http-incoming.ts';
import { isLegacyRevision } from '../../revisions.ts';
import type { Serving } from '../../pipe/pipe-options.ts';
import { HttpServerPipe } from './http-server-pipe.ts';
import { serveLegacy } from '../server/server.ts';

interface Session {
  readonly id: string;
  readonly principal: string;
  readonly tenant: string;
  readonly pipe: HttpServerPipe;
  readonly serving: Serving;
}

const defaultMaxSessions = 10_000;
const defaultIdleMs = 1_800_000;
const defaultMaxPendingBytes = 1_048_576;

/** Sessions of Streamable HTTP before 2026-07-28. Each belongs to the principal that opened it; to any other it does not exist. */
export class HttpSessions {
  readonly #service: Service;
  readonly #options: HttpDoorOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #idleMs: number;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(service: Service, options: HttpDoorOptions) {
    this.#service = service;
    this.#options = options;
    this.#idleMs = options.sessionIdleMs ?? defaultIdleMs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  post(incoming: HttpIncoming, outgoing: HttpOutgoing, envelope: Envelope, accepted: Accepted): void {
    if (
      envelope.kind === 'request' &&
      envelope.method === 'initialize' &&
      incoming.header('mcp-session-id') === undefined
    ) {
      this.#open(incoming).pipe.post(incoming.body, envelope, outgoing, accepted);
    } else {
      this.#find(incoming).pipe.post(incoming.body, envelope, outgoing, accepted);
    }
  }

  /** The one stream for what belongs to no request. A newer one replaces it, since a client that comes back may be quicker than the news that it went. */
  listen(incoming: HttpIncoming, outgoing: HttpOutgoing): void {
    // A client that has missed something says so in `Last-Event-ID`: what is kept for it belongs here.
    this.#find(incoming).pipe.stand(outgoing);
  }

  end(incoming: HttpIncoming, outgoing: HttpOutgoing): void {
    const session = this.#find(incoming);
    this.#sessions.delete(session.id);
    void session.serving.close();
    outgoing.respond(200, []);
  }

  /** Resolves when no session is left. */
  async close(drainMs: number): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    await Promise.all([...this.#sessions.values()].map(({ serving }) => serving.close({ drainMs })));
  }

  #find(incoming: HttpIncoming): Session {
    const id = incoming.header('mcp-session-id');
    if (id === undefined) throw invalid('Mcp-Session-Id is missing: initialize first, or send _meta of 2026-07-28');
    const session = this.#sessions.get(id);
    if (session === undefined || session.principal !== incoming.principal || session.tenant !== incoming.tenant) {
      throw new ToolyardError('SESSION_UNKNOWN', {}, 'There is no such session: initialize anew.');
    }
    const version = incoming.header('mcp-protocol-version');
    if (version !== undefined && !isLegacyRevision(version))
      throw invalid(`MCP-Protocol-Version ${version.slice(0, 64)} is not spoken in a session`);
    return session;
  }

  #open({ principal, tenant }: HttpIncoming): Session {
    const limit = this.#options.maxSessions ?? defaultMaxSessions;
    if (this.#sessions.size >= limit)
      throw new ToolyardError('TOO_MANY_CALLS', { limit }, `There are ${limit} sessions already.`);
    const id = sessionId();
    const pipe = new HttpServerPipe(id, this.#options.maxPendingBytes ?? defaultMaxPendingBytes);
    const serving = serveLegacy(pipe, this.#service, { ...this.#options, principal, tenant });
    const session: Session = { id, principal, tenant, pipe, serving };
    this.#sessions.set(id, session);
    void serving.closed.then(() => this.#sessions.delete(id));
    this.#sweeper ??= setInterval(() => this.#sweep(), Math.max(this.#idleMs / 4, 10)).unref();
    return session;
  }

  #sweep(): void {
    const now = performance.now();
    for (const { id, pipe, serving } of this.#sessions.values()) {
      if (pipe.busy || now - pipe.usedMs < this.#idleMs) continue;
      this.#sessions.delete(id);
      void serving.close();
    }
    if (this.#sessions.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

/** 192 random bits in visible ASCII (spec: basic/transports, session management). */
function sessionId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
}

function invalid(reason: string): ToolyardError<'INVALID_REQUEST'> {
  return new ToolyardError('INVALID_REQUEST', { reason }, `Invalid request: ${reason}.`);
}
