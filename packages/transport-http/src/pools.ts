import { Pool } from 'undici';

export interface PoolsOptions {
  /** Sockets to one origin at most. */
  readonly maxSockets: number;
  readonly connectTimeoutMs: number;
}

/** One undici pool for each origin, shared by the connections to it and destroyed with the last of them. */
export class Pools {
  readonly #pools = new Map<string, { readonly pool: Pool; users: number }>();
  readonly #options: PoolsOptions;

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#pools.size;
  }

  /** Give it back with `release`, once. */
  acquire(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) {
      known.users += 1;
      return known.pool;
    }
    const pool = new Pool(origin, {
      connections: this.#options.maxSockets,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: this.#options.connectTimeoutMs },
    });
    this.#pools.set(origin, { pool, users: 1 });
    return pool;
  }

  async release(origin: string): Promise<void> {
    const known = this.#pools.get(origin);
    if (known === undefined) return;
    known.users -= 1;
    if (known.users > 0) return;
    this.#pools.delete(origin);
    await known.pool.destroy();
  }
}
