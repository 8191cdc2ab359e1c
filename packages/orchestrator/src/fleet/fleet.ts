import type { Caller } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import type { DefinedRoster } from '../catalogue/roster.ts';
import type { ServerEntry } from '../server-entry.ts';
import type { Settings } from '../settings.ts';
import type { Limiter } from './limiter.ts';
import { Server } from './server/server.ts';

export interface FleetOptions {
  readonly settings: Settings;
  readonly caller: Caller;
  readonly limiter: Limiter;
  readonly onChange: (server: Server) => void;
  readonly onTrouble: () => void;
}

/** The servers that are deployed. */
export class Fleet implements DefinedRoster {
  readonly #options: FleetOptions;
  readonly #byId = new Map<string, Server>();
  /** Those that callers do not see any more, and that finish their calls. */
  readonly #leaving = new Set<Server>();
  #all: readonly Server[] = [];
  #ordinals = 0;

  constructor(options: FleetOptions, entries: readonly ServerEntry[]) {
    this.#options = options;
    for (const entry of entries) this.add(entry);
  }

  get all(): readonly Server[] {
    return this.#all;
  }

  find(id: string): Server | undefined {
    return this.#byId.get(id);
  }

  /** Throws `SERVER_UNKNOWN`. */
  get(id: string): Server {
    const server = this.#byId.get(id);
    if (server !== undefined) return server;
    const known = [...this.#byId.keys()].slice(0, 100);
    const asked: unknown = id;
    const shown = String(asked).slice(0, 64);
    const words = known.length === 0 ? 'none is deployed' : `deployed are ${known.slice(0, 10).join(', ')}`;
    throw new ToolyardError('SERVER_UNKNOWN', { server: shown, known }, `There is no server "${shown}"; ${words}.`);
  }

  /** It is there from now on, and reached once it is started. */
  add(entry: ServerEntry): Server {
    const server = new Server({ ...this.#options, entry, ordinal: this.#ordinals++ });
    this.#byId.set(entry.id, server);
    this.changed();
    return server;
  }

  /** Callers do not see it any more; its calls in flight finish for `drainMs`. */
  async remove(server: Server, drainMs: number): Promise<void> {
    if (this.#byId.get(server.id) !== server) return;
    this.#byId.delete(server.id);
    this.changed();
    this.#leaving.add(server);
    try {
      await server.close(drainMs);
    } finally {
      this.#leaving.delete(server);
    }
  }

  /** Waits for no call, also of servers that are being removed. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all([...this.#all, ...this.#leaving].map((server) => server.close()));
  }

  /** Another list, by which those who remember one know that a server came, went or has another definition. */
  changed(): void {
    this.#all = [...this.#byId.values()];
  }
}
