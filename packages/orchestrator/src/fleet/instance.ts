import type {
  Call,
  Caller,
  Connection,
  Peer,
  Reply,
  Service,
  SupervisedConnection,
  SupervisedState,
} from '@toolyard/protocol';
import { supervise, ToolyardError } from '@toolyard/protocol';
import type { Offer } from '../catalogue/upstream.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { Settings } from '../settings.ts';
import type { Failure, InstanceStatus } from '../status.ts';
import { type Connect, connectTo } from './connect-within.ts';
import { describeFailure } from './failure.ts';
import type { Limiter } from './limiter.ts';
import { openServer } from './open-server.ts';
import { pause } from './pause.ts';
import type { Session } from './session.ts';

export interface InstanceOptions {
  readonly entry: ServerEntry;
  /** From 1; never given twice to instances of one server. */
  readonly number: number;
  readonly settings: Settings;
  readonly caller: Caller;
  readonly limiter: Limiter;
  /** It went up or down, failed again, or offers something else. */
  readonly onChange: () => void;
}

type Phase = 'starting' | 'up' | 'down' | 'draining' | 'closed';

/** One process or connection of a server: connected, kept connected, and known. */
export class Instance implements AsyncDisposable {
  readonly number: number;
  readonly #options: InstanceOptions;
  readonly #firstOutcome = Promise.withResolvers<Failure | undefined>();
  #phase: Phase = 'starting';
  #service: Service | undefined;
  #offer: Offer | undefined;
  #session: Session | undefined;
  #keeper: SupervisedConnection | undefined;
  #connection: Connection | undefined;
  #peer: Peer | undefined;
  #connects = 0;
  #calls = 0;
  #inFlight = 0;
  #idle = Promise.withResolvers<void>();
  #lastError: Failure | undefined;
  #nextAttemptMs: number | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.number = options.number;
  }

  /** Whether it is given calls. */
  get up(): boolean {
    return this.#phase === 'up';
  }

  /** Whether it could not be reached, or was lost. */
  get failed(): boolean {
    return this.#phase === 'down';
  }

  /** While it is up. Another one after each time it was not. */
  get service(): Service | undefined {
    return this.#phase === 'up' ? this.#service : undefined;
  }

  /** What it offered last. */
  get offer(): Offer | undefined {
    return this.#offer;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** `Connection.stateful`, of the last connection. */
  get stateful(): boolean {
    return this.#connection?.stateful === true;
  }

  /** Calls in flight, without subscriptions. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Begins to reach it. Resolves once it is up, or with why it is not after the first attempt; attempts go on after that. */
  start(): Promise<Failure | undefined> {
    if (this.#keeper !== undefined || this.#phase !== 'starting') return this.#firstOutcome.promise;
    const { entry, settings } = this.#options;
    try {
      const connect = connectTo(entry.target, settings.transports, entry.transport);
      this.#keeper = supervise((signal) => this.#open(connect, signal), {
        ...settings.supervision,
        upstream: entry.id,
        onState: (state) => this.#follow(state),
      });
    } catch (error) {
      // Trying again would find no transport either.
      if (!ToolyardError.is(error, 'TRANSPORT_UNKNOWN')) throw error;
      this.#failed(error);
    }
    return this.#firstOutcome.promise;
  }

  status(): InstanceStatus {
    const next = this.#nextAttemptMs;
    return {
      number: this.number,
      state: this.#phase,
      peer: this.#peer,
      inFlight: this.#inFlight,
      calls: this.#calls,
      connects: this.#connects,
      lastError: this.#lastError,
      nextAttemptInMs: next === undefined ? undefined : Math.max(0, next - this.#options.settings.now()),
    };
  }

  /** Takes no new calls, lets those in flight finish for `drainMs`, then closes. */
  async drain(drainMs: number): Promise<void> {
    if (this.#phase === 'up') {
      this.#enter('draining');
      const patience = new AbortController();
      const enough = pause(drainMs, patience.signal).catch(() => undefined);
      if (this.#inFlight > 0) await Promise.race([this.#idle.promise, enough]);
      patience.abort();
    }
    await this.close();
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    if (this.#phase !== 'closed') {
      this.#nextAttemptMs = undefined;
      this.#firstOutcome.resolve(this.#lastError ?? { code: 'CLOSED', message: 'It was closed.' });
      this.#enter('closed');
    }
    await this.#keeper?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(connect: Connect, signal: AbortSignal): Promise<Connection> {
    const onOffer = (offer: Offer): void => {
      this.#offer = offer;
      this.#options.onChange();
    };
    const { connection, session } = await openServer({ ...this.#options, connect, signal, onOffer });
    this.#arrived(connection, session);
    return connection;
  }

  #arrived(connection: Connection, session: Session): void {
    this.#connection = connection;
    this.#service = (call) => this.#call(connection.service, call);
    this.#session = session;
    this.#offer = session.offer;
    this.#peer = connection.peer;
    this.#connects++;
    this.#firstOutcome.resolve(undefined);
    this.#enter('up');
  }

  #call(service: Service, call: Call): Promise<Reply> {
    this.#calls++;
    if (call.method === 'subscriptions/listen') return service(call);
    this.#inFlight++;
    const reply = service(call);
    reply.then(this.#left, this.#left);
    return reply;
  }

  readonly #left = (): void => {
    if (--this.#inFlight > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  };

  #follow(state: SupervisedState): void {
    this.#nextAttemptMs = state.kind === 'down' ? state.nextAttemptMs : undefined;
    if (state.kind === 'down') this.#failed(state.error);
  }

  #failed(error: unknown): void {
    this.#lastError = describeFailure(error);
    this.#firstOutcome.resolve(this.#lastError);
    if (this.#phase !== 'closed' && this.#phase !== 'draining') this.#enter('down');
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    if (phase === 'down' || phase === 'closed') this.#session = undefined;
    this.#options.onChange();
  }
}
