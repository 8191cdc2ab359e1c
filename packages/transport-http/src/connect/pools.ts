import type { Dispatcher } from 'undici';
import { Pool } from './undici.ts';

export interface PoolsOptions {
  /** Sockets for the calls to one origin at most. */
  readonly maxSockets: number;
  readonly connectTimeoutMs: number;
}

/** The ways to one origin. */
export interface Dispatchers {
  readonly calls: Dispatcher;
  /** For what is done soon and must not wait behind calls. */
  readonly aside: Dispatcher;
}

interface OriginPools extends Dispatchers {
  readonly calls: Pool;
  readonly aside: Pool;
}

/** Sockets to one origin for what goes aside. */
const maxAside = 8;

/** Two undici pools for each origin, shared by the connections to it and destroyed with the last of them. */
export class Pools {
  readonly #origins = new Map<string, { readonly pools: OriginPools; users: number }>();
  readonly #options: PoolsOptions;

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#origins.size;
  }

  /** Give it back with `release`, once. */
  acquire(origin: string): OriginPools {
    const known = this.#origins.get(origin);
    if (known !== undefined) {
      known.users += 1;
      return known.pools;
    }
    const pools = { calls: this.#open(origin, this.#options.maxSockets), aside: this.#open(origin, maxAside) };
    this.#origins.set(origin, { pools, users: 1 });
    return pools;
  }

  async release(origin: string): Promise<void> {
    const known = this.#origins.get(origin);
    if (known === undefined) return;
    known.users -= 1;
    if (known.users > 0) return;
    this.#origins.delete(origin);
    await Promise.all([known.pools.calls.destroy(), known.pools.aside.destroy()]);
  }

  #open(origin: string, connections: number): Pool {
    return new Pool(origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: this.#options.connectTimeoutMs },
    });
  }
}
