import type {
  Caller,
  Connection,
  Peer,
  Service,
  SupervisedConnection,
  SupervisedState,
  Transport,
} from '@toolyard/protocol';
import { supervise, ToolyardError } from '@toolyard/protocol';
import type { Kind } from '../catalogue/kinds.ts';
import { perKind } from '../catalogue/kinds.ts';
import type { Offer, Upstream } from '../catalogue/upstream.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { Settings } from '../settings.ts';
import type { Failure, ServerState, ServerStatus } from '../status.ts';
import { pickTransport } from './connect-within.ts';
import { describeFailure } from './failure.ts';
import type { Limiter } from './limiter.ts';
import { openServer } from './open-server.ts';
import { orAborted } from './pause.ts';
import type { Session } from './session.ts';

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
  #up = Promise.withResolvers<void>();
  #keeper: SupervisedConnection | undefined;
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
      Promise.reject(
        new ToolyardError('UPSTREAM_UNREACHABLE', { upstream: entry.id }, `The server ${entry.id} is not connected.`),
      );
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
    const { entry, settings } = this.#options;
    this.#startedMs = settings.now();
    try {
      const transport = pickTransport(settings.transports, entry.target, entry.transport);
      this.#keeper = supervise((signal) => this.#open(transport, signal), {
        ...settings.supervision,
        upstream: this.id,
        onState: (state) => this.#follow(state),
      });
    } catch (error) {
      // Trying again would find no transport either.
      if (!ToolyardError.is(error, 'TRANSPORT_UNKNOWN')) throw error;
      this.#failed(error);
    }
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

  async #open(transport: Transport, signal: AbortSignal): Promise<Connection> {
    const onOffer = (offer: Offer): void => {
      this.#offer = offer;
      this.#options.onChange(this);
    };
    const { connection, session } = await openServer({ ...this.#options, transport, signal, onOffer });
    this.#arrived(connection, session);
    return connection;
  }

  #arrived(connection: Connection, session: Session): void {
    this.#state = 'up';
    this.#service = connection.service;
    this.#session = session;
    this.#offer = session.offer;
    this.#peer = connection.peer;
    this.#connects++;
    this.#timeToReadyMs ??= this.#options.settings.now() - this.#startedMs;
    this.#up.resolve();
    this.#firstOutcome.resolve(undefined);
    this.#options.onChange(this);
  }

  #follow(state: SupervisedState): void {
    this.#nextAttemptMs = state.kind === 'down' ? state.nextAttemptMs : undefined;
    if (state.kind === 'down') this.#failed(state.error);
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
    this.#session = undefined;
    this.#options.onChange(this);
  }
}
