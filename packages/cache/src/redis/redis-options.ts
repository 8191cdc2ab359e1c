import type { BackoffOptions } from '@toolyard/protocol';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://` (TLS), with user, password and number of the database where there are any; Redis 6.2 or newer, or Valkey. */
  readonly url: string;
  /** Begins each key and names the channel: stores with the same one share what they keep. Default `toolyard:cache`. */
  readonly prefix?: string;
  /** How long a command may take; after that Redis is left alone until it answers again. Default 100. */
  readonly commandTimeoutMs?: number;
  /** How often Redis is asked whether it is there. Default 5,000. */
  readonly heartbeatMs?: number;
  /** One that is larger is not kept. Default 1,048,576. */
  readonly maxEntryBytes?: number;
  /** Drops that wait for Redis to come back; beyond that all is dropped. Default 1,000. */
  readonly maxPendingDrops?: number;
  /** Pauses between tries to connect. Default 250 at first, 5,000 at most. */
  readonly backoff?: BackoffOptions;
}
