/** Who holds events and can give one up. */
export interface EventHolder {
  readonly events: number;
  readonly bytes: number;
  /** Gives up one event, if there is one. */
  giveUp(): void;
}

export interface EventBudgetOptions {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

interface Share {
  readonly events: number;
  readonly bytes: number;
  readonly rank: number;
}

const ranks = 33;
/** What a holder of the whole budget weighs. */
const whole = 0x100000;
const nothing: Share = { events: 0, bytes: 0, rank: 0 };

/**
 * One bound for many holders: when it is reached, one of those that hold most gives up, so that who holds little loses nothing to who holds much. Holders are
 * ranked by powers of two of their share, which costs the same however many there are; within a rank it is who came into it first.
 */
export class EventBudget {
  readonly #options: EventBudgetOptions;
  readonly #shares = new Map<EventHolder, Share>();
  readonly #ranked: readonly Set<EventHolder>[] = Array.from({ length: ranks }, () => new Set());
  #events = 0;
  #bytes = 0;

  constructor(options: EventBudgetOptions) {
    this.#options = options;
  }

  /** To be called whenever a holder has more or less than before. */
  settle(holder: EventHolder): void {
    const { maxEvents, maxBytes } = this.#options;
    this.#note(holder);
    while (this.#events > maxEvents || this.#bytes > maxBytes) {
      const largest = this.#largest();
      if (largest === undefined) return;
      largest.giveUp();
      this.#note(largest);
    }
  }

  #note(holder: EventHolder): void {
    const { events, bytes } = holder;
    const before = this.#shares.get(holder) ?? nothing;
    const rank = events === 0 ? 0 : this.#rankOf(events, bytes);
    this.#events += events - before.events;
    this.#bytes += bytes - before.bytes;
    if (events === 0) this.#shares.delete(holder);
    else this.#shares.set(holder, { events, bytes, rank });
    if (rank === before.rank) return;
    this.#ranked[before.rank]?.delete(holder);
    if (rank > 0) this.#ranked[rank]?.add(holder);
  }

  /** From 1; 0 is for who holds nothing. */
  #rankOf(events: number, bytes: number): number {
    const { maxEvents, maxBytes } = this.#options;
    const share = Math.max(events / Math.max(maxEvents, 1), bytes / Math.max(maxBytes, 1));
    return ranks - 1 - Math.clz32(Math.min(Math.ceil(share * whole), 0xffff_ffff));
  }

  #largest(): EventHolder | undefined {
    for (let rank = ranks - 1; rank > 0; rank -= 1) for (const holder of this.#ranked[rank] ?? []) return holder;
    return undefined;
  }
}
