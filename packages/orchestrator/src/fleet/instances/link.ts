import type { Caller, Connection, Peer, SupervisedConnection, SupervisedState, Target } from '@toolyard/protocol';
import { supervise, ToolyardError } from '@toolyard/protocol';
import type { ServiceTarget } from '@toolyard/registry';
import type { Offer } from '../../catalogue/upstream.ts';
import type { ServerEntry } from '../../server-entry.ts';
import type { Settings } from '../../settings.ts';
import type { Failure } from '../../status.ts';
import { createEndings, type Endings } from '../endings.ts';
import { describeFailure } from '../failure.ts';
import type { Limiter } from '../limiter.ts';
import type { Session } from '../offer/session.ts';
import { type Connect, connectTo } from './connect-within.ts';
import { type OpenServer, openServer } from './open-server.ts';

export interface LinkOptions {
  readonly entry: ServerEntry;
  readonly settings: Settings;
  readonly caller: Caller;
  readonly limiter: Limiter;
  readonly onUp: (connection: Connection) => void;
  readonly onFailedAttempt: (code: Failure['code']) => void;
  /** An attempt has failed, or the connection was lost. */
  readonly onDown: () => void;
  /** It offers something else. */
  readonly onOffer: () => void;
}

/** The connection of an instance: made, made again when it is lost, and what is known by it. */
export class Link {
  /** What is left of connections, and of attempts, that were given up. */
  readonly endings: Endings = createEndings();
  readonly #options: LinkOptions;
  readonly #firstOutcome = Promise.withResolvers<Failure | undefined>();
  #keeper: SupervisedConnection | undefined;
  #connection: Connection | undefined;
  #session: Session | undefined;
  #offer: Offer | undefined;
  #lost: Failure | undefined;
  #attempts = 0;
  #connects = 0;
  #nextAttemptMs: number | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Resolves once it is up, or with why it is not after the first attempt. */
  get firstOutcome(): Promise<Failure | undefined> {
    return this.#firstOutcome.promise;
  }

  /** The last one, which may be over. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** What was offered last. */
  get offer(): Offer | undefined {
    return this.#offer;
  }

  get peer(): Peer | undefined {
    return this.#connection?.peer;
  }

  /** Why it is not up. */
  get lost(): Failure | undefined {
    return this.#lost;
  }

  get attempts(): number {
    return this.#attempts;
  }

  get connects(): number {
    return this.#connects;
  }

  get nextAttemptInMs(): number | undefined {
    const next = this.#nextAttemptMs;
    return next === undefined ? undefined : Math.max(0, next - this.#options.settings.now());
  }

  /** Begins to reach it; attempts go on until it is closed. */
  open(target: Target | ServiceTarget): void {
    const { entry, settings } = this.#options;
    const { live, random, transports } = settings;
    try {
      const connect = connectTo(target, transports, entry.transport);
      this.#keeper = supervise((signal) => this.#connect(connect, signal), {
        upstream: entry.id,
        random,
        get maxAttempts() {
          return live.current.supervision.maxAttempts;
        },
        get firstDelayMs() {
          return live.current.supervision.firstDelayMs;
        },
        get maxDelayMs() {
          return live.current.supervision.maxDelayMs;
        },
        onState: (state) => this.#follow(state),
      });
    } catch (error) {
      // Trying again would find no transport either.
      if (!ToolyardError.is(error, 'TRANSPORT_UNKNOWN')) throw error;
      this.#failed(error);
    }
  }

  /** Nothing more is attempted. Safe to call twice. */
  end(): void {
    this.#nextAttemptMs = undefined;
    this.#session = undefined;
    this.#firstOutcome.resolve(this.#lost ?? { code: 'CLOSED', message: 'It was closed.' });
  }

  /** Resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.end();
    await this.#keeper?.close();
    await this.endings.wait();
  }

  async #connect(connect: Connect, signal: AbortSignal): Promise<Connection> {
    this.#attempts++;
    const { connection, session } = await this.#attempt(connect, signal);
    this.#connection = connection;
    this.#lost = undefined;
    this.#session = session;
    this.#offer = session.offer;
    this.#connects++;
    this.#firstOutcome.resolve(undefined);
    this.#options.onUp(connection);
    return connection;
  }

  async #attempt(connect: Connect, signal: AbortSignal): Promise<OpenServer> {
    const onOffer = (offer: Offer): void => {
      this.#offer = offer;
      this.#options.onOffer();
    };
    try {
      return await openServer({ ...this.#options, connect, signal, onLeft: this.endings.add, onOffer });
    } catch (error) {
      if (!signal.aborted) this.#options.onFailedAttempt(describeFailure(error).code);
      throw error;
    }
  }

  #follow(state: SupervisedState): void {
    this.#nextAttemptMs = state.kind === 'down' ? state.nextAttemptMs : undefined;
    if (state.kind === 'down') this.#failed(state.error);
  }

  #failed(error: unknown): void {
    this.#lost = describeFailure(error);
    this.#session = undefined;
    this.#firstOutcome.resolve(this.#lost);
    this.#options.onDown();
  }
}
