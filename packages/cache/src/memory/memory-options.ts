export interface MemoryStoreOptions {
  /** Default 10,000. The one that was used least lately makes room. */
  readonly maxEntries?: number;
  /** Of all entries together, 512 bytes of bookkeeping each included. Default 67,108,864. */
  readonly maxBytes?: number;
  /** One that is larger is not kept. Default 1,048,576. */
  readonly maxEntryBytes?: number;
  /** Clock, in milliseconds; must never go back. Default `performance.now`. */
  readonly now?: () => number;
}
