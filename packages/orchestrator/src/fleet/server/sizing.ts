import { type InstanceBounds, maxInstances } from '@toolyard/registry';
import { autoscale, type ScaleFacts } from './autoscale.ts';

export interface SizingOptions {
  readonly bounds: InstanceBounds | undefined;
  readonly look: () => Omit<ScaleFacts, 'instances'>;
  /** Has as many instances made, or let go. */
  readonly scale: (instances: number) => Promise<unknown>;
}

/** How many instances of a server there should be: as its bounds say, as somebody wanted, or as the load asks for. */
export class Sizing {
  readonly #options: SizingOptions;
  #bounds: InstanceBounds | undefined;
  #wanted: number;
  #byHand = false;
  /** Ends what looks whether there are too few instances, or too many. */
  #looking = new AbortController();

  constructor(options: SizingOptions) {
    this.#options = options;
    this.#bounds = options.bounds;
    this.#wanted = options.bounds?.min ?? 1;
  }

  get wanted(): number {
    return this.#wanted;
  }

  set wanted(instances: number) {
    this.#wanted = instances;
  }

  /** The load has no say any longer, until the bounds are given anew. */
  byHand(): void {
    this.#byHand = true;
    this.#looking.abort();
  }

  /** All begin anew: as many as there are, within the bounds; where those are the least of the former bounds, the least of the new ones. What was stopped is wanted again. */
  renew(bounds: InstanceBounds | undefined, isDeployed: boolean): void {
    const { min = 1, max = maxInstances } = bounds ?? {};
    const present = this.#wanted === (this.#bounds?.min ?? 1) ? min : this.#wanted;
    if (isDeployed || this.#wanted === 0) this.#byHand = false;
    this.#bounds = bounds;
    this.#wanted = Math.max(Math.min(present, max), min);
    if (!this.#byHand) this.follow();
  }

  /** From here on by the load, where the bounds leave room. */
  follow(): void {
    this.#looking.abort();
    this.#looking = new AbortController();
    const { min = 1, max = min } = this.#bounds ?? {};
    if (max === min) return;
    void autoscale({
      min,
      max,
      look: () => ({ ...this.#options.look(), instances: this.#wanted }),
      scale: this.#options.scale,
      signal: this.#looking.signal,
    });
  }

  close(): void {
    this.#looking.abort();
  }
}
