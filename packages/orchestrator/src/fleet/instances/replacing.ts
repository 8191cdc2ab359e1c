import { ToolyardError } from '@toolyard/protocol';
import type { ServerEntry } from '../../server-entry.ts';
import type { Failure } from '../../status.ts';
import { type FirstOutcomes, firstOutcomes } from './first-outcomes.ts';
import type { Instance } from './instance.ts';
import type { InstanceSet } from './instance-set.ts';

export interface ReplacingOptions {
  /** Of the server. */
  readonly id: string;
  readonly set: InstanceSet;
  /** How many instances there should be now. */
  readonly wanted: () => number;
  /** A successor that could not be started came up. */
  readonly onReady: () => void;
}

/** Those whom a change lets go. */
export interface Going {
  /** Resolves when their calls have ended, and they too. */
  readonly drained: Promise<unknown>;
}

interface Successors {
  readonly instances: readonly Instance[];
  readonly entry: ServerEntry;
  readonly drainMs: number;
}

/** Puts new instances in the place of all that there are, and takes nothing down that answers before the new ones do. */
export class Replacing {
  readonly #options: ReplacingOptions;
  /** Those of another definition, that are tried again and again while the ones before them go on. */
  #successors: Successors | undefined;
  /** The definition of those that take calls. */
  #running: ServerEntry | undefined;
  #makingRoom = false;

  constructor(options: ReplacingOptions) {
    this.#options = options;
  }

  /** The definition of those that take calls, which is not that of the server while its successors cannot be started. */
  get running(): ServerEntry | undefined {
    return this.#running;
  }

  set running(entry: ServerEntry | undefined) {
    this.#running = entry;
  }

  get successors(): readonly Instance[] {
    return this.#successors?.instances ?? [];
  }

  /** Whether one goes so that another can come, which calls may wait for. */
  get makingRoom(): boolean {
    return this.#makingRoom;
  }

  /** Nobody is to take over. */
  giveUp(): Promise<void> {
    const given = this.successors;
    this.#successors = undefined;
    return this.#options.set.dismiss(given);
  }

  /** To be called when an instance changed. */
  look(): void {
    if (this.successors.some(({ up }) => up)) this.#options.onReady();
  }

  /** The successors take over, where one of them is up. */
  takeOver(): Going {
    const { set, wanted } = this.#options;
    const successors = this.#successors;
    if (successors === undefined || !successors.instances.some(({ up }) => up)) return nobody;
    this.#successors = undefined;
    const [kept, surplus] = fitted(successors.instances, wanted());
    const more = set.made(wanted() - kept.length, successors.entry);
    void set.dismiss(surplus);
    return this.#swap([...kept, ...more], successors.entry, successors.drainMs);
  }

  /** Rejects with `START_FAILED` where new ones of the definition that runs do not come up. */
  async replace(entry: ServerEntry, drainMs: number): Promise<Going> {
    const { set, wanted } = this.#options;
    void this.giveUp();
    const fresh = set.made(wanted(), entry);
    const enough = Math.min(fresh.length, set.current.filter(({ up }) => up).length);
    if (enough === 0) {
      const going = this.#swap(fresh, entry, drainMs);
      await firstOutcomes(fresh);
      return going;
    }
    set.await(fresh);
    const outcomes = await firstOutcomes(fresh, enough);
    if (set.closed) return nobody;
    if ([...outcomes.failures.values()].some(({ code }) => code === 'PROCESS_LIMIT'))
      return this.#oneByOne(fresh, outcomes, entry, drainMs);
    if (outcomes.up.length > 0 || !set.current.some(({ up }) => up)) return this.#swap(fresh, entry, drainMs);
    return this.#failed(fresh, entry, drainMs, outcomes.failures);
  }

  #swap(fresh: readonly Instance[], entry: ServerEntry, drainMs: number): Going {
    this.#running = entry;
    return { drained: this.#options.set.set(fresh, drainMs) };
  }

  #failed(
    fresh: readonly Instance[],
    entry: ServerEntry,
    drainMs: number,
    failures: ReadonlyMap<Instance, Failure>,
  ): Going {
    const { set } = this.#options;
    if (entry !== this.#running) {
      this.#successors = { instances: fresh, entry, drainMs };
      this.look();
      return nobody;
    }
    void set.dismiss(fresh);
    throw this.#notStarted([...failures.values()], 'The instances that there were stay.');
  }

  /** Where there is no room for old and new at the same time: each new one is started when an old one is gone. */
  async #oneByOne(
    fresh: readonly Instance[],
    { up }: FirstOutcomes,
    entry: ServerEntry,
    drainMs: number,
  ): Promise<Going> {
    const { set, wanted } = this.#options;
    await set.dismiss(fresh.filter((one) => !up.includes(one)));
    const old = set.current.slice(up.length);
    const drained = set.set([...old, ...up], drainMs);
    this.#makingRoom = true;
    try {
      for (const one of old) {
        const others = set.current.filter((other) => other !== one);
        const [next] = set.made(others.length < wanted() ? 1 : 0, entry);
        await set.set(others, drainMs);
        if (set.closed) return nobody;
        if (next === undefined) continue;
        set.await([next]);
        const failure = await next.start();
        if (set.closed) return nobody;
        if (failure !== undefined) return await this.#halfWay(next, others, entry, drainMs, failure);
        void set.set([...others, next]);
      }
      this.#running = entry;
      void set.set([...set.current, ...set.made(wanted() - set.current.length, entry)]);
      return { drained };
    } finally {
      this.#makingRoom = false;
      void set.set(set.current);
    }
  }

  /** One that does not come up takes the place of no second; where it has another definition, one of the old definition comes back. */
  async #halfWay(
    next: Instance,
    others: readonly Instance[],
    entry: ServerEntry,
    drainMs: number,
    failure: Failure,
  ): Promise<Going> {
    const { set } = this.#options;
    const running = this.#running ?? entry;
    if (entry !== running) {
      const back = set.made(1, running);
      void set.set([...others, ...back]);
      await firstOutcomes(back);
      return this.#failed([next], entry, drainMs, new Map());
    }
    void set.set([...others, next]);
    throw this.#notStarted([failure], 'It is tried again, and the others stay.');
  }

  #notStarted(failures: readonly Failure[], what: string): ToolyardError<'START_FAILED'> {
    const { id } = this.#options;
    const facts = { failures: failures.slice(0, 1).map(({ code }) => ({ server: id, code })) };
    return new ToolyardError(
      'START_FAILED',
      facts,
      `${id} could not be started anew. ${failures[0]?.message ?? ''} ${what}`,
    );
  }
}

export const nobody: Going = { drained: Promise.resolve() };

/** As many as there should be, those that are up first, and the rest. */
function fitted(instances: readonly Instance[], wanted: number): readonly [readonly Instance[], readonly Instance[]] {
  const inOrder = [...instances.filter(({ up }) => up), ...instances.filter(({ up }) => !up)];
  const kept = new Set(inOrder.slice(0, wanted));
  return [instances.filter((one) => kept.has(one)), instances.filter((one) => !kept.has(one))];
}
