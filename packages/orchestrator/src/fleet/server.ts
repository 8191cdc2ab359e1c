import type { Caller, Connection, ConnectOptions, Peer, Service } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { Kind } from '../catalogue/kinds.ts';
import { perKind } from '../catalogue/kinds.ts';
import { exposedName } from '../catalogue/names.ts';
import type { Offer, Upstream } from '../catalogue/upstream.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { Settings } from '../settings.ts';
import { ackTimeoutMs, listenDelays, refresh } from '../settings.ts';
import type { Failure, ServerState, ServerStatus } from '../status.ts';
import { connectWithin, pickTransport } from './connect-within.ts';
import { describeFailure } from './failure.ts';
import type { Limiter } from './limiter.ts';
import { orAborted } from './pause.ts';
import type { Session } from './session.ts';
import { beginSession } from './session.ts';
import { supervise } from './supervise-standin.ts';

export interface ServerOptions {
  readonly entry: ServerEntry;
  /** Its place in the configuration. */
  readonly ordinal: number;
  readonly settings: Settings;
  readonly caller: Caller;
  readonly limiter: Limiter;
  /** It went up or down, failed again, or offers something else. */
  readonly onChange: (server: Server) => void;
}

/** One server: connected, kept connected, and known. */
export class Server implements Upstream, AsyncDisposable {
  readonly id: string;
  readonly title: string;
  readonly ordinal: number;
  readonly priority: number;
  readonly #options: ServerOptions;
  readonly #unreachable: Service;
  readonly #firstOutcome = Promise.withResolvers<Failure | undefined>();
  #state: ServerState = 'connecting';
  #service: Service;
  #offer: Offer | undefined;
  #session: Session | undefined;
  #connection: Connection | undefined;
  #up = Promise.withResolvers<void>();
  #keeper: { close(): Promise<void> } | undefined;
  #peer: Peer | undefined;
  #connects = 0;
  #startedMs = 0;
  #timeToReadyMs: number | undefined;
  #lastError: Failure | undefined;
  #nextAttemptMs: number | undefined;

  constructor(options: ServerOptions) {
    const { entry, ordinal } = options;
    this.#options = options;
    this.id = entry.id;
    this.title = entry.name ?? entry.id;
    this.ordinal = ordinal;
    this.priority = entry.priority ?? 0;
    this.#unreachable = () =>
      Promise.reject(new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: entry.id }, `The server ${entry.id} is not connected.`));
    this.#service = this.#unreachable;
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  get offer(): Offer | undefined {
    return this.#offer;
  }

  get service(): Service {
    return this.#service;
  }

  tells(flag: Parameters<Upstream['tells']>[0]): boolean {
    return this.#session?.tells(flag) === true;
  }

  revalidate(kind: Kind): void {
    this.#session?.revalidate(kind);
  }

  whenUp(signal: AbortSignal): Promise<void> {
    return orAborted(this.#up.promise, signal);
  }

  /** Begins to reach it. Resolves once it is up, or with why it is not after the first attempt; attempts go on after that. */
  start(): Promise<Failure | undefined> {
    if (this.#keeper !== undefined || this.#state !== 'connecting') return this.#firstOutcome.promise;
    const { settings } = this.#options;
    this.#startedMs = settings.now();
    this.#keeper = supervise((signal) => this.#open(signal), {
      ...settings.backoff,
      maxRetries: settings.maxRetries,
      random: settings.random,
      onWait: (delayMs) => this.#waits(delayMs),
    });
    return this.#firstOutcome.promise;
  }

  status(): Omit<ServerStatus, 'leftOut' | 'leftOutCount'> {
    const next = this.#nextAttemptMs;
    return {
      id: this.id,
      name: this.#options.entry.name,
      state: this.#state,
      peer: this.#peer,
      counts: perKind((kind) => this.#offer?.lists[kind]?.entries.length ?? 0),
      timeToReadyMs: this.#timeToReadyMs,
      connects: this.#connects,
      lastError: this.#lastError,
      nextAttemptInMs: next === undefined ? undefined : Math.max(0, next - this.#options.settings.now()),
      failedLists: this.#offer?.failed ?? [],
    };
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (this.#state !== 'closed') {
      this.#leave('closed');
      this.#nextAttemptMs = undefined;
      this.#firstOutcome.resolve(this.#lastError ?? { code: 'CLOSED', message: 'It was closed.' });
    }
    await this.#keeper?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    this.#nextAttemptMs = undefined;
    try {
      const leave = await this.#options.limiter.enter(signal);
      try {
        return await this.#connect(signal);
      } finally {
        leave();
      }
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      throw error;
    }
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const { entry, settings } = this.#options;
    const transport = pickTransport(settings.transports, entry.target, entry.transport);
    const connection = await connectWithin(transport, entry.target, { ...this.#connectOptions(), signal });
    const ending = new AbortController();
    void connection.closed.then((reason) => {
      ending.abort(reason ?? new ToolyardError('UPSTREAM_CLOSED', { upstream: entry.id }, `${entry.id} was closed.`));
    });
    const giveUp = (): void => ending.abort(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      signal.throwIfAborted();
      const session = await beginSession(connection, this.#sessionOptions(ending.signal));
      ending.signal.throwIfAborted();
      this.#arrived(connection, session, ending.signal);
      return connection;
    } catch (error) {
      ending.abort();
      await connection.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #arrived(connection: Connection, session: Session, gone: AbortSignal): void {
    this.#state = 'up';
    this.#connection = connection;
    this.#service = connection.service;
    this.#session = session;
    this.#offer = session.offer;
    this.#peer = connection.peer;
    this.#connects++;
    this.#timeToReadyMs ??= this.#options.settings.now() - this.#startedMs;
    gone.addEventListener('abort', () => this.#lost(connection, gone.reason), { once: true });
    this.#up.resolve();
    this.#firstOutcome.resolve(undefined);
    this.#options.onChange(this);
  }

  #lost(connection: Connection, reason: unknown): void {
    if (this.#connection !== connection) return;
    this.#lastError = describeFailure(reason);
    this.#leave('down');
  }

  #failed(error: unknown): void {
    this.#lastError = describeFailure(error);
    this.#firstOutcome.resolve(this.#lastError);
    if (this.#state !== 'closed') this.#leave('down');
  }

  #leave(state: 'down' | 'closed'): void {
    if (this.#state === 'up') this.#up = Promise.withResolvers<void>();
    this.#state = state;
    this.#service = this.#unreachable;
    this.#connection = undefined;
    this.#session = undefined;
    this.#options.onChange(this);
  }

  #waits(delayMs: number | undefined): void {
    this.#nextAttemptMs = delayMs === undefined ? undefined : this.#options.settings.now() + delayMs;
  }

  #connectOptions(): ConnectOptions & { readonly connectTimeoutMs: number } {
    const { entry, settings } = this.#options;
    const { given } = settings;
    const timeoutMs = entry.timeoutMs ?? given.timeoutMs;
    const maxTimeoutMs = entry.maxTimeoutMs ?? given.maxTimeoutMs;
    return {
      upstream: entry.id,
      clientInfo: settings.clientInfo,
      connectTimeoutMs: entry.connectTimeoutMs ?? settings.connectTimeoutMs,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(maxTimeoutMs !== undefined && { maxTimeoutMs }),
      ...(given.maxMessageBytes !== undefined && { maxMessageBytes: given.maxMessageBytes }),
      ...(given.maxInFlight !== undefined && { maxInFlight: given.maxInFlight }),
      onLog: (line) => given.onLog?.(entry.id, line),
    };
  }

  #sessionOptions(signal: AbortSignal): Parameters<typeof beginSession>[1] {
    const { entry, settings, caller } = this.#options;
    const prefixed = settings.naming === 'prefixed';
    return {
      upstream: entry.id,
      caller,
      limits: settings.limits,
      nameOf: (kind, key) => (prefixed && (kind === 'tools' || kind === 'prompts') ? exposedName(entry.id, key) : key),
      listTimeoutMs: settings.listTimeoutMs,
      ackTimeoutMs,
      refresh,
      delays: listenDelays,
      now: settings.now,
      random: settings.random,
      signal,
      onOffer: (offer) => {
        this.#offer = offer;
        this.#options.onChange(this);
      },
    };
  }
}
