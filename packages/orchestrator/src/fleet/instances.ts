import { ToolyardError } from '@toolyard/protocol';
import type { ServerEntry } from '../server-entry.ts';
import type { Failure, InstanceStatus } from '../status.ts';
import type { Instance } from './instance.ts';

export interface InstancesOptions {
  /** Of the server. */
  readonly id: string;
  readonly make: (number: number, entry: ServerEntry) => Instance;
  /** There are others now. */
  readonly onChange: () => void;
}

/** Those whom a change lets go. */
export interface Going {
  /** Resolves when their calls have ended, and they too. */
  readonly drained: Promise<unknown>;
}

/** The instances of one server. Changes come one after the other, and none waits for the calls of those who go, which finish theirs first. */
export class Instances {
  readonly #options: InstancesOptions;
  #current: readonly Instance[] = [];
  /** Those that finish their calls. */
  readonly #leaving = new Set<Instance>();
  /** Those that are to take the place of others once they are up. */
  readonly #coming = new Set<Instance>();
  #numbers = 0;
  /** Of instances that are gone. */
  #pastRestarts = 0;
  #closed = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: InstancesOptions) {
    this.#options = options;
  }

  /** Those that are given calls once they are up, in the order in which they were made. */
  get current(): readonly Instance[] {
    return this.#current;
  }

  /** Processes and connections that took the place of one before. */
  get restarts(): number {
    return this.#all.reduce((sum, instance) => sum + restartsOf(instance), this.#pastRestarts);
  }

  status(): readonly InstanceStatus[] {
    return this.#all.map((instance) => instance.status());
  }

  begin(count: number, entry: ServerEntry): void {
    this.#set(this.#made(count, entry));
  }

  /** Resolves once one is up, or with why one is not when all have failed. */
  firstOutcome(): Promise<Failure | undefined> {
    return firstOutcome(this.#current);
  }

  /** `count` is told when its turn has come. */
  resize(count: () => { readonly wanted: number; readonly entry: ServerEntry }, drainMs: number): Promise<Going> {
    return this.#inTurn(async () => {
      const { wanted, entry } = count();
      const kept = this.#current.slice(0, wanted);
      const surplus = this.#current.slice(wanted);
      const added = this.#made(wanted - kept.length, entry);
      this.#set([...kept, ...added]);
      const drained = this.#drainAll(surplus, drainMs);
      await Promise.all(added.map((one) => one.start()));
      return { drained };
    });
  }

  /** The old ones go when the first new one is up, or all new ones have failed once. */
  replaceAll(count: () => { readonly wanted: number; readonly entry: ServerEntry }, drainMs: number): Promise<Going> {
    return this.#inTurn(async () => {
      const { wanted, entry } = count();
      const old = this.#current;
      const fresh = this.#made(wanted, entry);
      this.#current = [...old, ...fresh];
      await firstOutcome(fresh);
      this.#set(fresh);
      return { drained: this.#drainAll(old, drainMs) };
    });
  }

  /** Puts a new one in the place of one. Where the new one does not come up at its first attempt, the old one stays. */
  replaceOne(number: number, entry: () => ServerEntry, drainMs: number): Promise<Going> {
    return this.#inTurn(async () => {
      const old = this.#find(number);
      const [fresh] = this.#made(old === undefined ? 0 : 1, entry());
      if (old === undefined || fresh === undefined) return nobody;
      this.#coming.add(fresh);
      const failure = await fresh.start();
      this.#coming.delete(fresh);
      if (failure !== undefined || this.#closed) return { drained: fresh.close() };
      this.#set(this.#current.map((one) => (one === old ? fresh : one)));
      return { drained: this.#drain(old, drainMs) };
    });
  }

  /** Lets one go where `may` says so; it is told how many are left then. */
  retire(number: number, may: (left: number) => boolean, drainMs: number): Promise<Going> {
    return this.#inTurn(() => {
      const idle = this.#find(number);
      const kept = this.#current.filter((one) => one !== idle);
      if (idle === undefined || !may(kept.length)) return nobody;
      this.#set(kept);
      return { drained: this.#drain(idle, drainMs) };
    });
  }

  /** Safe to call twice. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#all.map((one) => (drainMs === 0 ? one.close() : this.#drain(one, drainMs))));
  }

  get #all(): readonly Instance[] {
    return [...this.#current, ...this.#coming, ...this.#leaving];
  }

  #find(number: number): Instance | undefined {
    return this.#current.find((one) => one.number === number);
  }

  #made(count: number, entry: ServerEntry): readonly Instance[] {
    return Array.from({ length: Math.max(count, 0) }, () => this.#options.make(++this.#numbers, entry));
  }

  #set(instances: readonly Instance[]): void {
    this.#current = instances;
    for (const instance of instances) void instance.start();
    this.#options.onChange();
  }

  #drainAll(instances: readonly Instance[], drainMs: number): Promise<unknown> {
    return Promise.all(instances.map((one) => this.#drain(one, drainMs)));
  }

  async #drain(instance: Instance, drainMs: number): Promise<void> {
    this.#leaving.add(instance);
    try {
      await instance.drain(drainMs);
    } finally {
      if (this.#leaving.delete(instance)) this.#pastRestarts += restartsOf(instance);
      this.#options.onChange();
    }
  }

  async #inTurn(change: () => Promise<Going> | Going): Promise<Going> {
    const { id } = this.#options;
    const turn = this.#turn.then(() => {
      if (this.#closed) throw new ToolyardError('CLOSED', { what: id }, `The server ${id} is closed.`);
      return change();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const nobody: Going = { drained: Promise.resolve() };

function restartsOf(instance: Instance): number {
  return Math.max(0, instance.status().connects - 1);
}

async function firstOutcome(instances: readonly Instance[]): Promise<Failure | undefined> {
  const failures: Failure[] = [];
  const starts = instances.map(async (instance) => {
    const failure = await instance.start();
    if (failure === undefined) return;
    failures.push(failure);
    throw new Error(failure.message);
  });
  return Promise.any(starts).then(
    () => undefined,
    () => failures[0],
  );
}
