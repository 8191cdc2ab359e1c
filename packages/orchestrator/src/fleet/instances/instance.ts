import type { Call, Connection, Peer, Reply, Service } from '@toolyard/protocol';
import type { Offer } from '../../catalogue/upstream.ts';
import type { Outcomes } from '../../resilience/outcomes.ts';
import type { Failure, InstanceStatus } from '../../status.ts';
import type { CallTarget } from '../calls/route.ts';
import type { Condition, Fault, JudgedInstance } from '../server/condition.ts';
import { Link, type LinkOptions } from './link.ts';
import { pause } from '../../waiting/pause.ts';
import type { Place, Places } from './places.ts';
import type { Session } from '../offer/session.ts';
import { Vitals } from './vitals.ts';

export interface InstanceOptions extends Omit<LinkOptions, 'onUp' | 'onDown' | 'onOffer'> {
  /** From 1; never given twice to instances of one server. */
  readonly number: number;
  /** Of its server. */
  readonly places: Places;
  /** The place of the one that it comes for. */
  readonly instead: Place | undefined;
  /** Rejects with why no call can be made now. */
  readonly unreachable: Service;
  /** It went up or down, failed again, or offers something else. */
  readonly onChange: () => void;
  /** A call of it was a fault, or slow. */
  readonly onTrouble: () => void;
}

type Phase = InstanceStatus['phase'];

/** One process or connection of a server: connected, kept connected, and known. */
export class Instance implements CallTarget, JudgedInstance, AsyncDisposable {
  readonly number: number;
  readonly #options: InstanceOptions;
  readonly #vitals: Vitals;
  readonly #link: Link;
  #phase: Phase = 'starting';
  #place: Place | undefined;
  #calls = 0;

  constructor(options: InstanceOptions) {
    const onChange = (): void => options.onChange();
    this.#options = options;
    this.number = options.number;
    this.#link = new Link({
      ...options,
      onUp: (connection) => {
        this.#vitals.attach(connection);
        this.#enter('up');
      },
      onDown: () => {
        if (this.#phase !== 'closed' && this.#phase !== 'draining') this.#enter('down');
      },
      onOffer: onChange,
    });
    this.#vitals = new Vitals({ ...options, onChange, onLeft: this.#link.endings.add });
  }

  /** Whether it is given calls. */
  get up(): boolean {
    return this.#phase === 'up';
  }

  /** Whether it finishes its calls. */
  get draining(): boolean {
    return this.#phase === 'draining';
  }

  /** Another one after each time that it was not up. */
  get connection(): Connection | undefined {
    return this.#phase === 'up' ? this.#link.connection : undefined;
  }

  get condition(): Condition {
    const phase = this.#phase;
    const stopped = phase === 'closed' || phase === 'draining';
    return this.#vitals.condition({ stopped, up: this.up, failed: phase === 'down', lost: this.#link.lost });
  }

  /** How its calls ended of late. */
  get outcomes(): Outcomes {
    return this.#vitals.outcomes;
  }

  get lastFault(): Fault | undefined {
    return this.#vitals.lastFault;
  }

  get allows(): boolean {
    return this.#vitals.allows;
  }

  /** What it offered last. */
  get offer(): Offer | undefined {
    return this.#link.offer;
  }

  get session(): Session | undefined {
    return this.#link.session;
  }

  get peer(): Peer | undefined {
    return this.#link.peer;
  }

  /** Where it is connected, once it is started. */
  get place(): Place | undefined {
    return this.#place;
  }

  /** `Connection.stateful`, of the last connection. */
  get stateful(): boolean {
    return this.#link.connection?.stateful === true;
  }

  /** `InstanceStatus.attempts` */
  get attempts(): number {
    return this.#link.attempts;
  }

  /** Calls in flight, without subscriptions. */
  get inFlight(): number {
    return this.#vitals.inFlight.count;
  }

  /** Begins to reach it. Resolves once it is up, or with why it is not after the first attempt; attempts go on after that. */
  start(): Promise<Failure | undefined> {
    if (this.#place === undefined && this.#phase === 'starting') {
      const { entry, places, instead } = this.#options;
      this.#place = places.take(entry, instead);
      this.#link.open(this.#place.target);
    }
    return this.#link.firstOutcome;
  }

  status(): InstanceStatus {
    const { peer, attempts, connects, nextAttemptInMs } = this.#link;
    const { state, reason } = this.condition;
    return {
      number: this.number,
      phase: this.#phase,
      state,
      breaker: this.#vitals.breaker,
      peer,
      url: this.#place?.url,
      inFlight: this.inFlight,
      calls: this.#calls,
      attempts,
      connects,
      reason,
      nextAttemptInMs,
    };
  }

  /**
   * Is given no new calls, lets those in flight finish for `drainMs`, and those that wait for it until `cleared` resolves, then closes. Calls whose question is with
   * their caller, and tasks, are waited for as well, unless `until` says that nobody can come back. Called again, it closes when the first of the two has waited enough.
   */
  async drain(drainMs: number, until: 'calls' | 'all', cleared: () => Promise<void>): Promise<void> {
    if (this.#phase === 'up') this.#enter('draining');
    if (this.#phase === 'draining') {
      const patience = new AbortController();
      const enough = pause(drainMs, patience.signal).catch(() => undefined);
      await Promise.race([this.#drained(until, cleared), enough]);
      patience.abort();
    }
    await this.close();
  }

  async #drained(until: 'calls' | 'all', cleared: () => Promise<void>): Promise<void> {
    await cleared();
    await this.#vitals.inFlight.whenEmpty();
    if (until === 'all') await this.#link.connection?.drained?.();
    await cleared();
    // Who came back meanwhile may have been asked something else.
    if (this.inFlight > 0) await this.#drained(until, cleared);
  }

  /** Resolves when nothing is left of it. Safe to call twice. */
  async close(): Promise<void> {
    this.#link.end();
    this.#vitals.end();
    if (this.#phase !== 'closed') this.#enter('closed');
    await this.#link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  call(call: Call): Promise<Reply> {
    const service = this.#link.connection?.service ?? this.#options.unreachable;
    this.#calls++;
    return call.method === 'subscriptions/listen' ? service(call) : this.#vitals.call(call, service);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    if (phase === 'draining' || phase === 'closed') this.#place?.leave();
    this.#options.onChange();
  }
}
