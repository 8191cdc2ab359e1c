import type { ServerEntry } from '../../server-entry.ts';
import type { ScaleFacts } from './autoscale.ts';
import { defaultMaxConcurrent } from '../calls/call-path.ts';
import type { Instances } from '../instances/instances.ts';
import type { Going } from '../instances/replacing.ts';
import { Sizing } from './sizing.ts';

export interface ServerChangesOptions {
  readonly entry: ServerEntry;
  readonly instances: Instances;
  readonly load: () => Pick<ScaleFacts, 'inFlight' | 'queued'>;
  /** Another definition holds from now on. */
  readonly onEntry: (entry: ServerEntry) => void;
  /** The first instances are about to be made. */
  readonly onBegin: () => void;
}

/** Of an instance that the load does not need any more. */
const autoscaleDrainMs = 600_000;

/** What a server is by its definition, and what can be done with its instances. Each resolves when those that are new are up or have failed once, and those that go have finished their calls. */
export class ServerChanges {
  readonly #options: ServerChangesOptions;
  readonly #sizing: Sizing;
  #entry: ServerEntry;
  #begun = false;

  constructor(options: ServerChangesOptions) {
    this.#options = options;
    this.#entry = options.entry;
    this.#sizing = new Sizing({
      bounds: options.entry.instances,
      look: () => ({
        ...options.load(),
        maxConcurrent: this.#entry.calls?.maxConcurrent ?? defaultMaxConcurrent,
      }),
      scale: (wanted) => this.#resize(wanted, autoscaleDrainMs),
    });
  }

  /** The definition that was given last. */
  get entry(): ServerEntry {
    return this.#entry;
  }

  /** Instances that there should be. */
  get wanted(): number {
    return this.#sizing.wanted;
  }

  /** Makes the first instances, once. */
  begin(): void {
    if (this.#begun) return;
    this.#beginning();
    this.#options.instances.begin(this.#entry);
    this.#sizing.follow();
  }

  /** Makes it so many instances, 0 included, whatever the load. */
  scale(instances: number, drainMs: number): Promise<void> {
    this.#sizing.byHand();
    return gone(this.#resize(instances, drainMs));
  }

  /** Takes over another definition; without one, begins anew with what it has when its turn comes. `Instances.replaceAll` says when the old instances go. */
  replace(drainMs: number, given?: ServerEntry): Promise<void> {
    const { instances, onEntry } = this.#options;
    const replaced = instances.replaceAll(() => {
      const entry = given ?? this.#entry;
      this.#entry = entry;
      if (given !== undefined) onEntry(entry);
      this.#beginning();
      this.#sizing.renew(entry.instances, given !== undefined);
      return entry;
    }, drainMs);
    return gone(replaced);
  }

  /** Puts a new instance in the place of one, which finishes its calls. Where the new one does not come up at its first attempt, the old one stays. */
  recycle(number: number, drainMs: number): Promise<void> {
    return gone(this.#options.instances.replaceOne(number, () => this.#entry, drainMs));
  }

  /** Lets one instance beyond the least number finish its calls and go. */
  retire(number: number, drainMs: number): Promise<void> {
    const may = (left: number): boolean => {
      if (left < (this.#entry.instances?.min ?? 1)) return false;
      this.#sizing.wanted = left;
      return true;
    };
    return gone(this.#options.instances.retire(number, may, drainMs));
  }

  /** The load has no say any longer. */
  close(): void {
    this.#sizing.close();
  }

  #beginning(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#options.onBegin();
  }

  #resize(wanted: number, drainMs: number): Promise<Going> {
    return this.#options.instances.resize(() => {
      this.#sizing.wanted = wanted;
      return this.#entry;
    }, drainMs);
  }
}

async function gone(going: Promise<Going>): Promise<void> {
  const { drained } = await going;
  await drained;
}
