import { type Call, type Caller, type LogLevel, logLevels } from '../../../call.ts';
import { OpenEntries } from '../../../open-items.ts';
import type { MessageId } from '../../../pipe.ts';
import type { RawObject } from '../../../wire/raw-object.ts';

/** A call that a server works on. */
export interface Flight {
  /** Of the request that carries it. */
  readonly id: number;
  /** Whoever waits for it now; `undefined` while it is parked. */
  readonly call: Call | undefined;
  readonly principal: string;
  readonly tenant: string;
  /** Nobody's: this process fetches a list, say, in its own name. Servers ask nothing on its account, and tell nothing that is for somebody. */
  readonly impersonal: boolean;
}

/**
 * Calls that one server works on: finds whose a message is that does not say so itself. Where there is any doubt the answer is nobody,
 * since a wrong guess would show one caller what belongs to another.
 */
export class CallsInFlight<F extends Flight> {
  readonly #flights = new OpenEntries<number, F>();
  #empty: PromiseWithResolvers<void> | undefined;

  get size(): number {
    return this.#flights.size;
  }

  add(flight: F): void {
    this.#flights.set(flight.id, flight);
  }

  delete(flight: F): void {
    this.#flights.delete(flight.id);
    if (this.#flights.size > 0) return;
    this.#empty?.resolve();
    this.#empty = undefined;
  }

  /** Resolves when there are none, at once where that is so. */
  async whenEmpty(): Promise<void> {
    if (this.#flights.size > 0) await (this.#empty ??= Promise.withResolvers<void>()).promise;
  }

  values(): Iterable<F> {
    return this.#flights.values();
  }

  /**
   * By the lane where the channel has lanes, else the only call there is, else the only one that somebody waits for and that `mayAsk`, provided that
   * all others are of the same caller: a call that is parked may well ask again, and so may one that should not, so that of another caller no call
   * can be ruled out. What is nobody's is.
   */
  ownerOfQuestion(about: MessageId | undefined, mayAsk: (flight: F) => boolean): F | undefined {
    if (about !== undefined) return this.#flights.get(Number(about));
    const flights = this.#ofSomebody();
    const [first] = flights;
    if (first === undefined || flights.length === 1) return first;
    let owner: F | undefined;
    for (const flight of flights) {
      if (!sameCaller(flight, first)) return undefined;
      if (flight.call === undefined || !mayAsk(flight)) continue;
      if (owner !== undefined) return undefined;
      owner = flight;
    }
    return owner;
  }

  /** By the lane where the channel has lanes, else the only call that wants log messages, provided that all calls are of one caller. */
  ownerOfLog(about: MessageId | undefined): F | undefined {
    if (about !== undefined) return this.#flights.get(Number(about));
    let owner: F | undefined;
    let first: F | undefined;
    for (const flight of this.#ofSomebody()) {
      first ??= flight;
      if (!sameCaller(flight, first)) return undefined;
      if (flight.call?.logLevel === undefined) continue;
      if (owner !== undefined) return undefined;
      owner = flight;
    }
    return owner;
  }

  #ofSomebody(): readonly F[] {
    return [...this.#flights.values()].filter(({ impersonal }) => !impersonal);
  }

  /** Passes a log message on to its call, if it has one that wants it. `owner`: whose it is, where that is known. */
  log(params: RawObject, about: MessageId | undefined, owner: Flight | undefined = this.ownerOfLog(about)): void {
    const call = owner?.call;
    if (call?.logLevel !== undefined && severity(params.string('level')) >= severity(call.logLevel)) {
      void call.notify({ method: 'notifications/message', params });
    }
  }

  /** The least severe level that any of the calls wants. */
  wantedLevel(): LogLevel | undefined {
    let wanted: LogLevel | undefined;
    for (const { call } of this.#flights.values()) {
      const level = call?.logLevel;
      if (level !== undefined && (wanted === undefined || severity(level) < severity(wanted))) wanted = level;
    }
    return wanted;
  }
}

/** Whether a request of this caller is nobody's. `mayBeAsked`: whether servers ask back in the middle of such requests. */
export function isImpersonal({ own }: Caller, mayBeAsked: boolean): boolean {
  return own === true && !mayBeAsked;
}

function sameCaller(one: Flight, other: Flight): boolean {
  return one.principal === other.principal && one.tenant === other.tenant;
}

/** -1 for what is no level. */
function severity(level: string | undefined): number {
  return logLevels.findIndex((known) => known === level);
}
