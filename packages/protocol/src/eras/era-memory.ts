/** What is known about a server; `legacy` needs a handshake, and `http+sse` one over the transport of 2024-11-05. */
export type Era = 'modern' | 'legacy' | 'http+sse';

export interface EraMemoryOptions {
  /** How long a verdict holds. A server that was found to be `legacy` never contradicts that by itself, so it is asked anew after this time. Default 600,000. */
  readonly horizonMs?: number;
  /** Servers remembered; beyond it the one that was looked up longest ago is forgotten. Default 1,000. */
  readonly maxEntries?: number;
  /** Clock, in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** Remembers which era each endpoint speaks (spec: basic/versioning), so that a probe is not needed at every reconnect. Of pipes only those are remembered, as `legacy`, that a probe silenced or ended. */
export class EraMemory {
  readonly #entries = new Map<string, { readonly era: Era; readonly untilMs: number }>();
  readonly #horizonMs: number;
  readonly #maxEntries: number;
  readonly #now: () => number;

  constructor(options: EraMemoryOptions = {}) {
    this.#horizonMs = options.horizonMs ?? 600_000;
    this.#maxEntries = options.maxEntries ?? 1_000;
    this.#now = options.now ?? (() => performance.now());
  }

  get size(): number {
    return this.#entries.size;
  }

  recall(endpoint: string): Era | undefined {
    const entry = this.#entries.get(endpoint);
    if (entry === undefined) return undefined;
    this.#entries.delete(endpoint);
    if (entry.untilMs <= this.#now()) return undefined;
    this.#entries.set(endpoint, entry);
    return entry.era;
  }

  remember(endpoint: string, era: Era): void {
    this.#entries.delete(endpoint);
    this.#entries.set(endpoint, { era, untilMs: this.#now() + this.#horizonMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }

  forget(endpoint: string): void {
    this.#entries.delete(endpoint);
  }
}
