import type { Call, Caller, Connection, Reply, Service } from '@toolyard/protocol';
import { whenSettled } from '@toolyard/protocol';
import { type Breaker, createBreaker } from '../../resilience/breaker.ts';
import { type HealthThresholds, type InstanceFacts, readThresholds, slowMsOf } from '../../resilience/health-rule.ts';
import { createOutcomes, type Outcomes } from '../../resilience/outcomes.ts';
import type { ServerEntry } from '../../server-entry.ts';
import type { Settings } from '../../settings.ts';
import type { Failure, InstanceStatus } from '../../status.ts';
import { type Condition, type Fault, instanceCondition } from '../server/condition.ts';
import { InFlight } from './in-flight.ts';
import { keepProbing } from './keep-probing.ts';

export interface VitalsOptions {
  readonly entry: ServerEntry;
  readonly settings: Settings;
  readonly caller: Caller;
  /** The breaker changed, or a probe has ended. */
  readonly onChange: () => void;
  /** A call was a fault, or slow. */
  readonly onTrouble: () => void;
  /** Nothing is left of a connection that gave no signs of life when this resolves; the next one does not wait for it. */
  readonly onLeft: (over: Promise<unknown>) => void;
}

/** How the connection of an instance is. */
export interface Link extends Pick<InstanceFacts, 'stopped' | 'up' | 'failed'> {
  readonly lost: Failure | undefined;
}

/** What is known of an instance by its calls and its probes. */
export class Vitals {
  /** How its calls ended of late. */
  readonly outcomes: Outcomes;
  readonly inFlight: InFlight = new InFlight();
  readonly #options: VitalsOptions;
  readonly #thresholds: HealthThresholds;
  readonly #breaker: Breaker;
  readonly #slowMs: number;
  readonly #slowToolMs: number;
  #failedProbes = 0;
  #failedProbe: unknown;
  #lastFault: Fault | undefined;
  #stopProbing: (() => void) | undefined;

  constructor(options: VitalsOptions) {
    const { entry, settings, onTrouble, onChange } = options;
    const { now, random } = settings;
    this.#options = options;
    this.#thresholds = readThresholds(entry.health);
    this.#slowMs = slowMsOf('others', entry.health);
    this.#slowToolMs = slowMsOf('tools', entry.health);
    this.outcomes = createOutcomes({ now, onTrouble });
    this.#breaker = createBreaker({ ...entry.breaker, upstream: entry.id, now, random, onChange });
  }

  /** Whether a call would be let through now. */
  get allows(): boolean {
    return this.#breaker.allows;
  }

  get breaker(): InstanceStatus['breaker'] {
    return this.#breaker.state;
  }

  get lastFault(): Fault | undefined {
    return this.#lastFault;
  }

  condition({ lost, ...link }: Link): Condition {
    const window = this.outcomes.summary();
    return instanceCondition(
      { ...link, breaker: this.breaker, failedProbes: this.#failedProbes, window },
      { lost, failedProbe: this.#failedProbe, lastFault: this.#lastFault },
      this.#thresholds,
    );
  }

  /** Makes a call and learns from how it ends. Rejects with `UPSTREAM_BREAKER_OPEN` where none is let through. */
  call(call: Call, service: Service): Promise<Reply> {
    const { deadlineMs } = call;
    const startedMs = this.#options.settings.now();
    let ticket: number;
    try {
      ticket = this.#breaker.enter();
    } catch (error) {
      return Promise.reject(error);
    }
    this.inFlight.enter();
    const slowMs = call.method === 'tools/call' ? this.#slowToolMs : this.#slowMs;
    return whenSettled(
      () => service(call),
      () => {
        this.outcomes.record(startedMs, false, slowMs);
        this.#breaker.answered(ticket);
        this.inFlight.leave();
      },
      (error) => {
        if (this.outcomes.rejected(startedMs, error, deadlineMs, slowMs) === 'fault') this.#failedWith(error);
        this.#breaker.failed(ticket, error, deadlineMs);
        this.inFlight.leave();
      },
    );
  }

  /** Begins anew with another connection. One that gives no signs of life, and has no calls to lose, is closed. */
  attach(connection: Connection): void {
    this.#breaker.reset();
    this.#failedProbes = 0;
    this.#failedProbe = this.#lastFault = undefined;
    const { entry, settings, caller, onChange, onLeft } = this.#options;
    this.#stopProbing = keepProbing({
      upstream: entry.id,
      connection,
      caller,
      breaker: this.#breaker,
      lastAnswerMs: () => this.outcomes.lastAnswerMs,
      onProbe: (failed, error) => {
        this.#failedProbes = failed;
        this.#failedProbe = error;
        if (failed > 0) this.#failedWith(error);
        onChange();
        if (failed >= this.#thresholds.unhealthyProbes && this.inFlight.count === 0) onLeft(connection.close());
      },
      intervalMs: entry.health?.probeIntervalMs ?? settings.live.current.probeIntervalMs,
      now: settings.now,
      random: settings.random,
    });
  }

  /** Nothing more is asked. Safe to call twice. */
  end(): void {
    this.#stopProbing?.();
  }

  #failedWith(error: unknown): void {
    this.#lastFault = { error, atMs: this.#options.settings.now() };
  }
}
