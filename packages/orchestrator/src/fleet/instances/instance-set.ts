import type { ServerEntry } from '../../server-entry.ts';
import type { InstanceStatus } from '../../status.ts';
import type { Instance } from './instance.ts';
import type { Place } from './places.ts';

export interface InstanceSetOptions {
  readonly make: (number: number, entry: ServerEntry, onChange: () => void, instead: Place | undefined) => Instance;
  /** Resolves when no call waits that only this instance can take. */
  readonly cleared: (instance: Instance) => Promise<void>;
  /** There are others now, or one of them changed. */
  readonly onChange: () => void;
}

/** The instances of one server, those that come and those that go among them. */
export class InstanceSet {
  readonly #options: InstanceSetOptions;
  #current: readonly Instance[] = [];
  #leaving: readonly Instance[] = [];
  readonly #coming = new Set<Instance>();
  readonly #ending = new Set<Promise<unknown>>();
  #numbers = 0;
  /** Instances that took the place of others. */
  #replacements = 0;
  /** Of instances that are gone. */
  #pastRestarts = 0;
  #closed = false;

  constructor(options: InstanceSetOptions) {
    this.#options = options;
  }

  /** Those that are given calls once they are up, in the order in which they were made. */
  get current(): readonly Instance[] {
    return this.#current;
  }

  /** Those that finish their calls. */
  get leaving(): readonly Instance[] {
    return this.#leaving.length === 0 ? this.#leaving : this.#leaving.filter(({ up, draining }) => up || draining);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Instances that took the place of others, and each time that one was begun anew. */
  get restarts(): number {
    return this.#all.reduce((sum, instance) => sum + restartsOf(instance), this.#pastRestarts + this.#replacements);
  }

  status(): readonly InstanceStatus[] {
    return this.#all.map((instance) => instance.status());
  }

  find(number: number): Instance | undefined {
    return this.#current.find((one) => one.number === number);
  }

  /** `instead`: the place of the one that it comes for. */
  made(count: number, entry: ServerEntry, instead?: Place): readonly Instance[] {
    const onChange = (): void => this.#options.onChange();
    return Array.from({ length: Math.max(count, 0) }, () =>
      this.#options.make(++this.#numbers, entry, onChange, instead),
    );
  }

  /** Those that are to take the place of others once they are up: they are started, and given no calls. */
  await(instances: readonly Instance[]): void {
    for (const one of instances) {
      this.#coming.add(one);
      void one.start();
    }
  }

  /** From now on calls go to these. The others that were there finish theirs for `drainMs`; resolves when they are gone. */
  set(instances: readonly Instance[], drainMs = 0): Promise<unknown> {
    const going = this.#current.filter((one) => !instances.includes(one));
    const added = instances.filter((one) => !this.#current.includes(one));
    const awaited = added.filter((one) => this.#coming.has(one)).length;
    this.#replacements += awaited + Math.min(added.length - awaited, going.length);
    this.#current = instances;
    this.#leaving = [...this.#leaving, ...going];
    for (const instance of instances) {
      this.#coming.delete(instance);
      void instance.start();
    }
    const gone = Promise.all(going.map((one) => this.#drain(one, drainMs, 'all')));
    this.#options.onChange();
    return gone;
  }

  /** Lets go of instances that have no calls. Resolves when nothing is left of them. */
  async dismiss(instances: readonly Instance[]): Promise<void> {
    for (const one of instances) if (this.#coming.delete(one)) this.#pastRestarts += restartsOf(one);
    const ending = Promise.all(instances.map((one) => one.close()));
    this.#ending.add(ending);
    await ending.finally(() => this.#ending.delete(ending));
  }

  /** Waits for nobody to come back, since nobody can. Resolves when nothing is left. Safe to call twice. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    const coming = [...this.#coming];
    const ends = [...this.#current, ...this.#leaving].map((one) =>
      drainMs === 0 ? one.close() : this.#drain(one, drainMs, 'calls'),
    );
    await Promise.all([...ends, this.dismiss(coming), ...this.#ending]);
  }

  get #all(): readonly Instance[] {
    return [...new Set([...this.#current, ...this.#coming, ...this.#leaving])];
  }

  async #drain(instance: Instance, drainMs: number, until: 'calls' | 'all'): Promise<void> {
    if (!this.#leaving.includes(instance)) this.#leaving = [...this.#leaving, instance];
    try {
      await instance.drain(drainMs, until, () => this.#options.cleared(instance));
    } finally {
      if (this.#leaving.includes(instance)) {
        this.#leaving = this.#leaving.filter((one) => one !== instance);
        this.#pastRestarts += restartsOf(instance);
      }
      this.#options.onChange();
    }
  }
}

function restartsOf(instance: Instance): number {
  return Math.max(0, instance.attempts - 1);
}
