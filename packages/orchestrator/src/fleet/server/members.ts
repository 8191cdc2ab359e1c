import type { Connection, Peer } from '@toolyard/protocol';
import type { Offer } from '../../catalogue/upstream.ts';
import type { Instance } from '../instances/instance.ts';
import { orAborted } from '../../waiting/pause.ts';

/** Those instances of a server that are up, and what it offers, which is what the first of them does. */
export class Members {
  readonly #now: () => number;
  readonly #connections = new WeakMap<Instance, Connection>();
  #all: readonly Instance[] = [];
  #offer: Offer | undefined;
  #peer: Peer | undefined;
  #up = Promise.withResolvers<void>();
  #startedMs = 0;
  #timeToReadyMs: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get all(): readonly Instance[] {
    return this.#all;
  }

  get first(): Instance | undefined {
    return this.#all[0];
  }

  /** Also what it offered before it went down. */
  get offer(): Offer | undefined {
    return this.#offer;
  }

  /** How it is, or was last, connected. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** From the start to the first time that one was up. */
  get timeToReadyMs(): number | undefined {
    return this.#timeToReadyMs;
  }

  whenUp(signal: AbortSignal): Promise<void> {
    return orAborted(this.#up.promise, signal);
  }

  /** To be called before there are instances. */
  started(): void {
    this.#startedMs = this.#now();
  }

  /** Takes those of the instances that are up. Says whether they are others than before, or the same with other connections. */
  look(instances: readonly Instance[]): boolean {
    const members = instances.filter(({ up }) => up);
    const [lead] = members;
    if (lead !== undefined) {
      this.#offer = lead.offer;
      this.#peer = lead.peer;
    }
    if (!this.#areOthers(members)) return false;
    this.#take(members);
    return true;
  }

  #areOthers(members: readonly Instance[]): boolean {
    if (members.length !== this.#all.length) return true;
    return members.some(
      (member, at) => member !== this.#all[at] || member.connection !== this.#connections.get(member),
    );
  }

  #take(members: readonly Instance[]): void {
    const wasUp = this.#all.length > 0;
    this.#all = members;
    for (const member of members) if (member.connection !== undefined) this.#connections.set(member, member.connection);
    const isUp = members.length > 0;
    if (isUp === wasUp) return;
    if (isUp) {
      this.#timeToReadyMs ??= this.#now() - this.#startedMs;
      this.#up.resolve();
    } else this.#up = Promise.withResolvers<void>();
  }
}
