/** What `readEnvelope` and its kind accept. Each bound holds against a hostile peer; none is needed for memory safety. */
export interface WireLimits {
  /** Objects and arrays inside one another. Default 1,000. The one deliberate difference to `JSON.parse`, which has no bound. */
  readonly maxDepth?: number;
  /** Length of an id as it is written, quotes included: ids are kept, logged and echoed. Default 1,024. */
  readonly maxIdBytes?: number;
}

export const defaultMaxDepth = 1000;
export const defaultMaxIdBytes = 1024;
