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
import { RawObject, supervise, ToolyardError, whenSettled } from '@toolyard/protocol';
import type { Offer } from '../catalogue/upstream.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { Settings } from '../settings.ts';
import { type Breaker, createBreaker } from '../resilience/breaker.ts';
import { instanceHealth } from '../resilience/health-rule.ts';
import { createOutcomes, type Outcomes } from '../resilience/outcomes.ts';
import { probeLoop } from '../resilience/probe-loop.ts';
import { verdictOf } from '../resilience/verdict.ts';
import type { Failure, InstanceStatus, ServerState } from '../status.ts';
import type { CallTarget } from './call-path.ts';
import { type Connect, connectTo } from './connect-within.ts';
import { describeFailure } from './failure.ts';
import type { Limiter } from './limiter.ts';
import { asker } from './own-calls.ts';
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
  /** Rejects with why no call can be made now. */
  readonly unreachable: Service;
  /** It went up or down, failed again, or offers something else. */
  readonly onChange: () => void;
}

type Phase = InstanceStatus['phase'];

const defaultProbeIntervalMs = 30_000;
const probeTimeoutMs = 10_000;
/** So many in a row without an answer. */
const deadAfterProbes = 3;

/** One process or connection of a server: connected, kept connected, and known. */
export class Instance implements CallTarget, AsyncDisposable {
  readonly number: number;
  /** How its calls ended of late. */
  readonly outcomes: Outcomes;
  readonly #breaker: Breaker;
  readonly #options: InstanceOptions;
  readonly #firstOutcome = Promise.withResolvers<Failure | undefined>();
  #phase: Phase = 'starting';
  #failedProbes = 0;
  #offer: Offer | undefined;
  #session: Session | undefined;
  #keeper: SupervisedConnection | undefined;
  #connection: Connection | undefined;
  #peer: Peer | undefined;
  #connects = 0;
  #calls = 0;
  #inFlight = 0;
  /** Waited for by `drain`. */
  #idle: PromiseWithResolvers<void> | undefined;
  #lastError: Failure | undefined;
  #nextAttemptMs: number | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.number = options.number;
    const { now, random } = options.settings;
    this.outcomes = createOutcomes({ now });
    this.#breaker = createBreaker({ upstream: options.entry.id, now, random, onChange: () => options.onChange() });
  }

  /** Whether it is given calls. */
  get up(): boolean {
    return this.#phase === 'up';
  }

  /** Another one after each time that it was not up. */
  get connection(): Connection | undefined {
    return this.#phase === 'up' ? this.#connection : undefined;
  }

  get health(): ServerState {
    return instanceHealth({
      stopped: this.#phase === 'closed' || this.#phase === 'draining',
      up: this.up,
      failed: this.#phase === 'down',
      breaker: this.#breaker.state,
      failedProbes: this.#failedProbes,
      window: this.outcomes.summary(),
    });
  }

  get allows(): boolean {
    return this.#breaker.allows;
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
      phase: this.#phase,
      state: this.health,
      breaker: this.#breaker.state,
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
      if (this.#inFlight > 0) {
        this.#idle ??= Promise.withResolvers<void>();
        await Promise.race([this.#idle.promise, enough]);
      }
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
    this.#breaker.reset();
    this.#failedProbes = 0;
    this.#session = session;
    this.#offer = session.offer;
    this.#peer = connection.peer;
    this.#connects++;
    this.#firstOutcome.resolve(undefined);
    this.#watch(connection);
    this.#enter('up');
  }

  call(call: Call): Promise<Reply> {
    const service = this.#connection?.service ?? this.#options.unreachable;
    this.#calls++;
    if (call.method === 'subscriptions/listen') return service(call);
    const { deadlineMs } = call;
    const startedMs = this.#options.settings.now();
    let entry: number;
    try {
      entry = this.#breaker.enter();
    } catch (error) {
      return Promise.reject(error);
    }
    this.#inFlight++;
    return whenSettled(
      () => service(call),
      () => {
        this.outcomes.record(startedMs, false);
        this.#breaker.answered(entry);
        this.#left();
      },
      (error) => {
        this.outcomes.rejected(startedMs, error, deadlineMs);
        this.#breaker.failed(entry, error, deadlineMs);
        this.#left();
      },
    );
  }

  #left(): void {
    if (--this.#inFlight > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Asks for signs of life for as long as the connection lasts. One that gives none, and has no calls to lose, is connected anew. */
  #watch(connection: Connection): void {
    const { entry, settings } = this.#options;
    const { probeIntervalMs = defaultProbeIntervalMs } = settings.given;
    if (probeIntervalMs === 0) return;
    const over = new AbortController();
    void connection.closed.then(() => over.abort());
    void probeLoop({
      upstream: entry.id,
      probe: (signal) => this.#probe(connection, signal),
      lastAnswerMs: () => this.outcomes.lastAnswerMs,
      onProbe: (failed) => {
        this.#failedProbes = failed;
        this.#options.onChange();
        if (failed >= deadAfterProbes && this.#inFlight === 0) void connection.close();
      },
      signal: over.signal,
      intervalMs: probeIntervalMs,
      timeoutMs: Math.min(probeTimeoutMs, probeIntervalMs),
      now: settings.now,
      random: settings.random,
    });
  }

  #probe(connection: Connection, signal: AbortSignal): Promise<void> {
    return this.#breaker.run(async () => {
      if (connection.check !== undefined) return connection.check(probeTimeoutMs);
      const ask = asker(connection.service, { caller: this.#options.caller, signal });
      await ask('server/discover', RawObject.empty).catch((error: unknown) => {
        // Whatever it says, it is there.
        if (verdictOf(error) === 'fault') throw error;
      });
    });
  }

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
