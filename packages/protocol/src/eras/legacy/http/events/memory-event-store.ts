import { EventBudget, type EventHolder } from './event-budget.ts';
import type { EventStore, Replay, SessionEvents, StoredEvent } from './event-store.ts';

export interface MemoryEventStoreOptions {
  /** Events kept, of all sessions together. Default 100,000. */
  readonly maxEvents?: number;
  /** The same in bytes. Default 67,108,864. */
  readonly maxBytes?: number;
  /** Events kept of one session. Default 1,000. */
  readonly maxSessionEvents?: number;
  /** The same in bytes; the newest reply or question of a session stays whatever its size, as long as all together have room for it. Default 262,144. */
  readonly maxSessionBytes?: number;
  /** Clock, in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * A store in memory. Where a session is full, its oldest notification goes, and where it has none its oldest reply or question. Where all together are full, the
 * same happens in one of the sessions that hold most (within a factor of two, the one that has held so much for longest), so that a session that holds
 * little keeps it whatever others do.
 */
export function memoryEventStore(options: MemoryEventStoreOptions = {}): EventStore {
  const {
    maxEvents = 100_000,
    maxBytes = 67_108_864,
    maxSessionEvents = 1_000,
    maxSessionBytes = 262_144,
    now = () => performance.now(),
  } = options;
  const budget = new EventBudget({ maxEvents, maxBytes });
  const sessions = new Set<MemorySession>();
  return {
    contract: 'event-store/1',
    open() {
      const session = new MemorySession({
        maxEvents: maxSessionEvents,
        maxBytes: maxSessionBytes,
        now,
        budget,
        over: () => sessions.delete(session),
      });
      sessions.add(session);
      return session;
    },
    sweep() {
      for (const session of sessions) session.sweep();
    },
  };
}

interface MemorySessionOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly now: () => number;
  readonly budget: EventBudget;
  readonly over: () => void;
}

interface StreamRecord {
  events: number;
  /** The newest vital event that was given up. */
  lostAt: number;
  /** When it is forgotten, once it has ended. */
  untilMs: number | undefined;
}

class MemorySession implements SessionEvents, EventHolder {
  readonly #options: MemorySessionOptions;
  readonly #streams = new Map<number, StreamRecord>();
  // Both in order of age, which is that of their keys.
  readonly #notifications = new Map<number, StoredEvent>();
  readonly #vitals = new Map<number, StoredEvent>();
  #bytes = 0;
  #closed = false;

  constructor(options: MemorySessionOptions) {
    this.#options = options;
  }

  get events(): number {
    return this.#notifications.size + this.#vitals.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(event: StoredEvent): void {
    if (this.#closed) return;
    const { maxEvents, maxBytes, budget } = this.#options;
    const record = this.#streams.get(event.stream) ?? { events: 0, lostAt: 0, untilMs: undefined };
    this.#streams.set(event.stream, record);
    record.events += 1;
    this.#bytes += event.frame.length;
    (event.vital ? this.#vitals : this.#notifications).set(event.at, { ...event, frame: ownBytes(event.frame) });
    while (this.events > maxEvents || this.#bytes > maxBytes) {
      if (this.#notifications.size === 0 && this.#vitals.size === 1) break;
      this.giveUp();
    }
    budget.settle(this);
  }

  after(stream: number, at: number): Replay | undefined {
    const record = this.#streams.get(stream);
    if (record === undefined) return undefined;
    const found = [...this.#notifications.values(), ...this.#vitals.values()]
      .filter((event) => event.at > at && event.stream === stream)
      .sort((one, other) => one.at - other.at);
    return { frames: found.map(({ frame }) => frame), lost: record.lostAt > at };
  }

  end(stream: number, keepMs: number): void {
    const record = this.#streams.get(stream);
    if (record === undefined) return;
    record.untilMs = this.#options.now() + keepMs;
    if (record.events === 0) this.#streams.delete(stream);
  }

  close(): void {
    this.#closed = true;
    this.#streams.clear();
    this.#notifications.clear();
    this.#vitals.clear();
    this.#bytes = 0;
    this.#options.budget.settle(this);
    this.#options.over();
  }

  giveUp(): void {
    const from = this.#notifications.size > 0 ? this.#notifications : this.#vitals;
    const [oldest] = from.keys();
    if (oldest !== undefined) this.#drop(from, oldest);
  }

  sweep(): void {
    const nowMs = this.#options.now();
    const due = new Set<number>();
    for (const [stream, { untilMs }] of this.#streams) if (untilMs !== undefined && untilMs <= nowMs) due.add(stream);
    if (due.size === 0) return;
    for (const from of [this.#notifications, this.#vitals])
      for (const [at, { stream }] of from) if (due.has(stream)) this.#drop(from, at);
    for (const stream of due) this.#streams.delete(stream);
    this.#options.budget.settle(this);
  }

  #drop(from: Map<number, StoredEvent>, at: number): void {
    const event = from.get(at);
    if (event === undefined) return;
    from.delete(at);
    this.#bytes -= event.frame.length;
    const record = this.#streams.get(event.stream);
    if (record === undefined) return;
    record.events -= 1;
    if (event.vital) record.lostAt = at;
    if (record.events === 0 && record.untilMs !== undefined) this.#streams.delete(event.stream);
  }
}

/** A copy with memory of its own: small buffers are pieces of a large one, all of which would be kept with them, and not be counted. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}
