import type { Notification } from '@toolyard/protocol';

/** Something to tell a subscriber. */
export interface Parcel {
  /** One that waits is replaced by a later one of the same key: the last update of a resource, or state of a task, says it all. */
  readonly key: string;
  readonly notification: Notification;
  /** Whether only so many of the kind can wait as the subscriber itself asked for; others count against the bound. */
  readonly own?: boolean;
  /** What may be told instead once too much is waiting: it says less, and covers this. Must be `own`. */
  readonly coarser?: Parcel;
}

export interface OutboxOptions {
  /** What may wait. */
  readonly limitBytes: number;
  /** Tells the subscriber; resolves when it can be told more. */
  send(notification: Notification): Promise<void>;
  /** More is waiting than may, and there is nothing coarser to say. Called once; the outbox is closed then. */
  onOverflow(): void;
}

/** What a parcel costs beside its bytes. */
const parcelBytes = 128;

/**
 * What waits to be told to one subscriber, in order, each thing once. Whoever puts something in never waits, so that one who is slow to read
 * keeps nobody else from being told.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting = new Map<string, Parcel>();
  #waitingBytes = 0;
  #open = false;
  #closed = false;
  #sending = false;
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** From now on it is told what waits and what comes. */
  open(): void {
    this.#open = true;
    void this.#send();
  }

  /** What still waits is dropped. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#empty?.resolve();
  }

  put(parcel: Parcel): void {
    if (this.#closed) return;
    this.#add(parcel);
    if (this.#waitingBytes > this.#options.limitBytes) this.#coarsen();
    // A single one is taken however large it is.
    if (this.#waitingBytes > this.#options.limitBytes && this.#waiting.size > 1) {
      this.close();
      this.#options.onOverflow();
    }
    void this.#send();
  }

  /** Resolves when nothing waits. */
  empty(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    this.#empty ??= Promise.withResolvers();
    return this.#empty.promise;
  }

  #add(parcel: Parcel): void {
    this.#waitingBytes += costOf(parcel) - costOf(this.#waiting.get(parcel.key));
    this.#waiting.set(parcel.key, parcel);
  }

  #coarsen(): void {
    const parcels = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#waitingBytes = 0;
    for (const parcel of parcels) this.#add(parcel.coarser ?? parcel);
  }

  async #send(): Promise<void> {
    if (!this.#open || this.#sending) return;
    this.#sending = true;
    for (const [key, parcel] of this.#waiting) {
      this.#waiting.delete(key);
      this.#waitingBytes -= costOf(parcel);
      await this.#options.send(parcel.notification);
    }
    this.#sending = false;
    this.#empty?.resolve();
    this.#empty = undefined;
  }
}

function costOf(parcel: Parcel | undefined): number {
  return parcel === undefined || parcel.own === true ? 0 : parcelBytes + parcel.notification.params.bytes.length;
}
