import type {
  CacheInvalidation,
  CacheRead,
  Call,
  ErrorCode,
  KeptEntry,
  Middleware,
  Reply,
  Service,
} from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { freshReply, isFresh, isWithin, staleReply } from './answers.ts';
import { type Asked, askedOf } from './asked.ts';
import type { FlightCall, Landing } from './flight.ts';
import { Flights } from './flights.ts';
import { lifetimeOf } from './lifetime.ts';
import { Moods } from './moods.ts';
import { type CachedOptions, type Settings, settingsOf } from './options.ts';
import { isRefusal, outageOf } from './outage.ts';
import { invalidationOf } from './topics.ts';

/**
 * Reuses the answers of one server; to be put around the connection to it. Calls that ask for the same at the same time, in the same authorization
 * context, become one, and its error is the error of all. What the server tells of changes on `subscriptions/listen` is acted on as it passes.
 *
 * A store that fails never fails a call.
 */
export function cached(options: CachedOptions): Middleware {
  return (next) => {
    const service = new CachedService(settingsOf(options), next);
    return (call) => service.answer(call);
  };
}

class CachedService {
  readonly #settings: Settings;
  readonly #next: Service;
  readonly #flights: Flights;
  readonly #moods: Moods;

  constructor(settings: Settings, next: Service) {
    this.#settings = settings;
    this.#next = next;
    this.#flights = new Flights(settings);
    this.#moods = new Moods(settings);
  }

  answer(call: Call): Promise<Reply> {
    if (call.method === 'subscriptions/listen') return this.#next(this.#heard(call));
    let asked: Asked | undefined;
    try {
      asked = askedOf(call, this.#settings);
    } catch (error) {
      return Promise.reject(error);
    }
    // Most calls are none of the cache's business, and cost nothing here.
    return asked === undefined ? this.#next(call) : this.#answer(call, asked);
  }

  async #answer(call: Call, asked: Asked): Promise<Reply> {
    const read = await this.#read(asked);
    if (read === undefined) return this.#next(call);
    const { entry } = read;
    if (entry !== undefined && isFresh(entry)) return freshReply(entry);
    const mood = this.#moods.of(asked.name);
    if (entry !== undefined && asked.tool === undefined) {
      if (isWithin(entry, this.#settings.staleWhileRevalidateMs)) {
        if (mood === undefined) this.#revalidate(asked, read);
        return this.#stale(asked, entry);
      }
      if (mood === 'failing' && isWithin(entry, this.#settings.staleIfErrorMs)) return this.#stale(asked, entry);
    }
    if (mood === 'passing') return this.#next(call);
    try {
      return await this.#fetch(asked, read);
    } catch (error) {
      return this.#instead(asked, error);
    }
  }

  async #fetch(asked: Asked, { stamp }: CacheRead): Promise<Reply> {
    // Nobody would wait for such a flight, and nobody would end it.
    if (asked.call.signal.aborted) return this.#next(asked.call);
    const flight = this.#flights.join(flightName(asked, stamp), {
      upstream: this.#settings.server,
      request: (flightCall) => this.#request(asked, stamp, flightCall),
      unattended: false,
    });
    return (await flight?.wait(asked.call)) ?? this.#next(asked.call);
  }

  /** Fetches behind everybody's back what is only stale. */
  #revalidate(asked: Asked, { stamp }: CacheRead): void {
    const name = flightName(asked, stamp);
    if (this.#flights.has(name)) return;
    const flight = this.#flights.join(name, {
      upstream: this.#settings.server,
      request: (flightCall) => this.#request(asked, stamp, flightCall),
      unattended: true,
    });
    if (flight === undefined) return;
    const { server, onEvent, revalidateTimeoutMs: afterMs } = this.#settings;
    const { method } = asked.call;
    const timer = setTimeout(() => {
      const message = `${server} did not answer ${method} in time.`;
      flight.abort(new ToolyardError('UPSTREAM_TIMEOUT', { upstream: server, method, afterMs }, message));
    }, afterMs);
    flight.landing
      .catch((error: unknown) => {
        this.#moods.set(asked.name, 'failing');
        onEvent({ type: 'revalidation-failed', server, method, error });
      })
      .finally(() => clearTimeout(timer));
  }

  async #request(asked: Asked, stamp: string, flightCall: FlightCall): Promise<Landing> {
    // Each caller keeps its own deadline; the request has that of the last one to leave.
    const reply = await this.#next({ ...asked.call, ...flightCall, deadlineMs: undefined });
    const lifetime = lifetimeOf(asked, reply, this.#settings);
    if (lifetime === undefined) {
      this.#moods.set(asked.name, 'passing');
      return { reply, common: false, kept: Promise.resolve() };
    }
    this.#moods.forget(asked.name);
    const { store } = this.#settings;
    const kept = store.write(asked.key, { result: reply.result, ...lifetime }, stamp).catch(this.#storeFailed);
    return { reply, common: true, kept };
  }

  /** What there is to give out where the server had an error only; rejects with that where there is nothing. */
  async #instead(asked: Asked, error: unknown): Promise<Reply> {
    const { call, key, tool } = asked;
    // Its pages are of an older list (spec: pagination).
    if (call.params.has('cursor') && isRefusal(error)) this.#drop({ server: key.server, topics: [key.topic] });
    const code = outageOf(error);
    if (code === undefined || tool !== undefined || isOver(call)) throw error;
    // Read again: what was there may have been dropped in the meantime, or another gateway was luckier.
    const entry = (await this.#read(asked))?.entry;
    if (entry === undefined || !isWithin(entry, this.#settings.staleIfErrorMs)) throw error;
    if (isFresh(entry)) return freshReply(entry);
    this.#moods.set(asked.name, 'failing');
    return this.#stale(asked, entry, code);
  }

  #stale({ call: { method } }: Asked, entry: KeptEntry, code?: ErrorCode): Reply {
    const { server, onEvent } = this.#settings;
    onEvent({ type: 'stale', server, method, ageMs: entry.ageMs, ...(code !== undefined && { code }) });
    return staleReply(entry);
  }

  async #read({ key }: Asked): Promise<CacheRead | undefined> {
    try {
      return await this.#settings.store.read(key);
    } catch (error) {
      this.#storeFailed(error);
      return undefined;
    }
  }

  /** The same call with an ear to what the server tells. What is old is dropped before the caller hears that it is. */
  #heard(call: Call): Call {
    return {
      ...call,
      notify: (notification) => {
        const what = invalidationOf(this.#settings.server, notification);
        if (what !== undefined) this.#drop(what);
        return call.notify(notification);
      },
    };
  }

  #drop(what: CacheInvalidation): void {
    this.#settings.store.invalidate(what).catch(this.#storeFailed);
  }

  readonly #storeFailed = (error: unknown): void => {
    const { server, onEvent } = this.#settings;
    onEvent({ type: 'store-failed', server, error });
  };
}

/** Whether nobody waits for it any longer. That its time is up says nothing about the server. */
function isOver({ signal, deadlineMs }: Call): boolean {
  return signal.aborted || (deadlineMs !== undefined && performance.now() >= deadlineMs);
}

/** Those who ask after a drop do not join those who asked before. */
function flightName(asked: Asked, stamp: string): string {
  return `${stamp} ${asked.name}`;
}
