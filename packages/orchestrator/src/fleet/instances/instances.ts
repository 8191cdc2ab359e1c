import { ToolyardError } from '@toolyard/protocol';
import type { ServerEntry } from '../../server-entry.ts';
import type { Failure, InstanceStatus } from '../../status.ts';
import { firstOutcomes } from './first-outcomes.ts';
import type { Instance } from './instance.ts';
import { InstanceSet, type InstanceSetOptions } from './instance-set.ts';
import { inTurns } from './places.ts';
import { type Going, nobody, Replacing } from './replacing.ts';

export interface InstancesOptions extends InstanceSetOptions {
  /** Of the server. */
  readonly id: string;
  /** How many there should be now. */
  readonly wanted: () => number;
}

/** Told when its turn has come: the definition that new instances are made by. What it changes of how many are wanted holds from then on. */
type Begin = () => ServerEntry;

/** The instances of one server. Changes come one after the other, and none waits for the calls of those who go, which finish theirs first. */
export class Instances {
  readonly #options: InstancesOptions;
  readonly #set: InstanceSet;
  readonly #replacing: Replacing;
  #takingOver = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: InstancesOptions) {
    const { id, wanted } = options;
    this.#options = options;
    this.#set = new InstanceSet({ ...options, onChange: () => this.#changed() });
    this.#replacing = new Replacing({ id, wanted, set: this.#set, onReady: () => this.#takeOver() });
  }

  /** Those that are given calls once they are up, in the order in which they were made. */
  get current(): readonly Instance[] {
    return this.#set.current;
  }

  /** Those that finish their calls. */
  get leaving(): readonly Instance[] {
    return this.#set.leaving;
  }

  /** Those of a definition that could not be started so far; the ones before them go on. */
  get successors(): readonly Instance[] {
    return this.#replacing.successors;
  }

  /** Whether one goes so that another can come, which calls may wait for. */
  get makingRoom(): boolean {
    return this.#replacing.makingRoom;
  }

  get restarts(): number {
    return this.#set.restarts;
  }

  status(): readonly InstanceStatus[] {
    return this.#set.status();
  }

  begin(entry: ServerEntry): void {
    this.#replacing.running = entry;
    void this.#set.set(this.#set.made(this.#options.wanted(), entry));
  }

  /** Resolves once one is up, or with why one is not when all have failed. */
  async firstOutcome(): Promise<Failure | undefined> {
    const { up, failures } = await firstOutcomes(this.current);
    return up.length > 0 ? undefined : [...failures.values()][0];
  }

  resize(begin: Begin, drainMs: number): Promise<Going> {
    return this.#inTurn(async () => {
      const entry = begin();
      const wanted = this.#options.wanted();
      const kept = inTurns(this.current).slice(0, wanted);
      if (wanted === 0) void this.#replacing.giveUp();
      if (kept.length === 0) this.#replacing.running = entry;
      const added = this.#set.made(wanted - kept.length, this.#replacing.running ?? entry);
      const drained = this.#set.set([...kept, ...added], drainMs);
      await Promise.all(added.map((one) => one.start()));
      return { drained };
    });
  }

  /**
   * The old ones go when as many new ones are up, or have failed once, as there were, and one of them is up. Where none comes up, the old ones stay: with the
   * definition that they had it rejects with `START_FAILED`; with another, the new ones are tried again and take over when the first is up.
   */
  replaceAll(begin: Begin, drainMs: number): Promise<Going> {
    return this.#inTurn(() => this.#replacing.replace(begin(), drainMs));
  }

  /** Puts a new one in the place of one. Where the new one does not come up at its first attempt, the old one stays. */
  replaceOne(number: number, entry: Begin, drainMs: number): Promise<Going> {
    return this.#inTurn(async () => {
      const old = this.#set.find(number);
      const [fresh] = this.#set.made(old === undefined ? 0 : 1, this.#replacing.running ?? entry(), old?.place);
      if (old === undefined || fresh === undefined) return nobody;
      this.#set.await([fresh]);
      const failure = await fresh.start();
      if (failure !== undefined || this.#set.closed) return { drained: this.#set.dismiss([fresh]) };
      const next = this.current.map((one) => (one === old ? fresh : one));
      return { drained: this.#set.set(next, drainMs) };
    });
  }

  /** Lets one go where `may` says so; it is told how many are left then. */
  retire(number: number, may: (left: number) => boolean, drainMs: number): Promise<Going> {
    return this.#inTurn(() => {
      const idle = this.#set.find(number);
      const kept = this.current.filter((one) => one !== idle);
      if (idle === undefined || !may(kept.length)) return nobody;
      return { drained: this.#set.set(kept, drainMs) };
    });
  }

  /** Waits for nobody to come back, since nobody can; for those that are being started until they are gone. Safe to call twice. */
  close(drainMs: number): Promise<void> {
    return this.#set.close(drainMs);
  }

  #changed(): void {
    this.#options.onChange();
    this.#replacing.look();
  }

  #takeOver(): void {
    if (this.#takingOver) return;
    this.#takingOver = true;
    void this.#inTurn(() => {
      this.#takingOver = false;
      return this.#replacing.takeOver();
    }).catch(() => (this.#takingOver = false));
  }

  async #inTurn(change: () => Promise<Going> | Going): Promise<Going> {
    const { id } = this.#options;
    const turn = this.#turn.then(() => {
      if (this.#set.closed) throw new ToolyardError('CLOSED', { what: id }, `The server ${id} is closed.`);
      return change();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
