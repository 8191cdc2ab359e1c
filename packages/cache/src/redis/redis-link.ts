import { backoffMs, type BackoffOptions, type CacheStoreEvent, ToolyardError } from '@toolyard/protocol';
import type { Redis } from 'ioredis';

export interface RedisLinkOptions {
  readonly url: string;
  readonly commandTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly backoff: BackoffOptions;
  /** Runs on each new connection before it is used by anybody else. Where it fails, the connection is given up. */
  prepare(client: Redis): Promise<void>;
  /** Runs when the connection has just been opened to use. */
  onUp(): void;
  tell(event: CacheStoreEvent): void;
}

/**
 * One connection to Redis, which is used only while it answers:
 *
 *     connecting --prepared--> up --a command fails or times out, the socket closes--> down --backoff--> connecting
 *
 * A Redis that hangs costs the commands that are with it their timeout, and those after them nothing.
 */
export class RedisLink {
  /** Undefined while the library is loaded, which is large: who needs no Redis does not wait for it. */
  #client: Redis | undefined;
  readonly #options: RedisLinkOptions;
  readonly #heart: NodeJS.Timeout;
  #state: 'connecting' | 'up' | 'down' | 'closed' = 'connecting';
  #refused = false;
  #reason = 'the connection was closed';
  #connections = 0;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.#open(checkedUrl(options.url)).catch((error: unknown) => this.#lost(messageOf(error)));
    this.#heart = setInterval(() => void this.run((client) => client.ping()), options.heartbeatMs);
    this.#heart.unref();
  }

  async #open(url: string): Promise<void> {
    const { Redis } = await import('ioredis');
    if (this.#state === 'closed') return;
    const { commandTimeoutMs, backoff } = this.#options;
    const client = (this.#client = new Redis(url, {
      commandTimeout: commandTimeoutMs,
      socketTimeout: commandTimeoutMs * 2,
      connectTimeout: Math.max(1_000, commandTimeoutMs),
      disconnectTimeout: commandTimeoutMs,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResubscribe: false,
      // A replica that was a primary a moment ago.
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
      retryStrategy: (attempt) => backoffMs(attempt, backoff),
    }));
    client.on('error', (error: Error) => {
      this.#reason = error.message;
    });
    client.on('close', () => this.#lost(this.#reason));
    client.on('ready', () => void this.#prepare(client));
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  /**
   * Begins `work` at once and resolves with what it gives; `undefined` where Redis is down or `work` failed. `vital`: Redis counts as down also
   * where it answered with an error.
   */
  async run<T>(work: (client: Redis) => Promise<T>, vital = false): Promise<T | undefined> {
    if (!this.up || this.#client === undefined) return undefined;
    try {
      return await work(this.#client);
    } catch (error) {
      const reason = messageOf(error);
      if (isReply(error) && !vital) this.#wasRefused(reason);
      // The first that fails speaks for all that were with Redis.
      else if (this.up) this.#giveUp(reason);
      return undefined;
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const { up } = this;
    this.#state = 'closed';
    clearInterval(this.#heart);
    // What was sent is answered first.
    if (up && (await this.#quits())) return;
    this.#client?.disconnect();
  }

  async #quits(): Promise<boolean> {
    try {
      await this.#client?.quit();
      return true;
    } catch {
      return false;
    }
  }

  async #prepare(client: Redis): Promise<void> {
    const connection = (this.#connections += 1);
    try {
      await this.#options.prepare(client);
    } catch (error) {
      return this.#giveUp(messageOf(error));
    }
    // Meanwhile the connection may be another one, or none.
    if (this.#state === 'closed' || connection !== this.#connections || client.status !== 'ready') return;
    this.#state = 'up';
    this.#refused = false;
    this.#options.onUp();
    this.#options.tell({ type: 'up' });
  }

  #giveUp(reason: string): void {
    if (this.#state === 'closed') return;
    this.#lost(reason);
    // Also where Redis has come to its senses since: what it missed is made up for on a new connection only.
    this.#client?.disconnect(true);
  }

  #lost(reason: string): void {
    if (this.#state === 'closed' || this.#state === 'down') return;
    this.#state = 'down';
    this.#options.tell({ type: 'down', reason });
  }

  #wasRefused(reason: string): void {
    if (this.#state === 'closed' || this.#refused) return;
    this.#refused = true;
    this.#options.tell({ type: 'refused', reason });
  }
}

function checkedUrl(url: string): string {
  if (/^rediss?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  const message = 'A Redis has an address such as redis://127.0.0.1:6379/0, or rediss:// for TLS.';
  throw new ToolyardError('CONFIG_INVALID', { problems: [{ line: 0, column: 0, path: 'url', message }] }, message);
}

/** An error that Redis answered with, as opposed to no answer. */
function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** The message only: the error may hold the command, with what it carried. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
