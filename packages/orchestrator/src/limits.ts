/** Bounds on what servers and callers can make the orchestrator keep or do. */
export interface Limits {
  /** Entries of one kind (tools, prompts, resources, templates) that one server may list; the rest is left out and reported. Default 10,000. */
  readonly maxEntries: number;
  /** Pages fetched for one list of one server. Default 1,000. */
  readonly maxPages: number;
  /** Largest definition; a larger one is left out and reported. Default 256 KiB. */
  readonly maxEntryBytes: number;
  /** All definitions of one list of one server. Default 16 MiB. */
  readonly maxListBytes: number;
  /** Entries on one page of an aggregated list. Default 1,000: many clients read the first page only. */
  readonly pageSize: number;
  /** A page ends early, after one entry at least, once it is this long. Default 2 MiB. */
  readonly maxPageBytes: number;
  /** Characters of instructions taken from one server. Default 4,096. */
  readonly maxInstructionsChars: number;
  /** Characters of composed instructions. Default 16,384. */
  readonly maxAllInstructionsChars: number;
  /** Open `subscriptions/listen` calls; one more fails with `TOO_MANY_CALLS`. Default 10,000. */
  readonly maxListens: number;
  /** Those of one principal, unless it is `anonymous`. Default 1,000. */
  readonly maxListensPerPrincipal: number;
  /** URIs in one subscription filter, and ids of tasks; more fail with `INVALID_PARAMS`. Default 1,000. */
  readonly maxSubscribedUris: number;
  /** URIs and tasks that one server is subscribed to, all callers together; more are not honoured. Default 10,000. */
  readonly maxServerTopics: number;
  /** Events that wait for a caller who is slow to read; see the README for what becomes of more. Default 256 KiB. */
  readonly maxPendingEventBytes: number;
}

export const defaultLimits: Limits = Object.freeze({
  maxEntries: 10_000,
  maxPages: 1_000,
  maxEntryBytes: 256 * 1024,
  maxListBytes: 16 * 1024 * 1024,
  pageSize: 1_000,
  maxPageBytes: 2 * 1024 * 1024,
  maxInstructionsChars: 4_096,
  maxAllInstructionsChars: 16_384,
  maxListens: 10_000,
  maxListensPerPrincipal: 1_000,
  maxSubscribedUris: 1_000,
  maxServerTopics: 10_000,
  maxPendingEventBytes: 256 * 1024,
});
