import type { Call, Reply } from '@toolyard/protocol';
import type { Errand, Place } from '../../resilience/bulkhead/place.ts';
import type { Affinity } from './affinity.ts';
import type { Homes } from './homes.ts';
import { giverOf, leastLoaded, type Member, ownerOf } from './balance.ts';

/** An instance as calls see it. */
export interface CallTarget extends Member, Place {
  /** Counts the call in `inFlight` before it returns. Rejects with `UPSTREAM_BREAKER_OPEN` where it takes none. */
  call(call: Call): Promise<Reply>;
}

/** Between which instances is chosen. */
export interface Choice {
  /** Those that are connected now. */
  readonly members: () => readonly CallTarget[];
  /** Those that are connected, finish their calls and go: they take only what comes back to them and, where there are no others, what was let in before. */
  readonly leaving: () => readonly CallTarget[];
  /** Whether calls may wait though there is no instance, since one is about to come up. */
  readonly expected: () => boolean;
  readonly affinity: Affinity;
  readonly homes: Homes;
  readonly random: () => number;
}

/** Those that a call which was let in may be given to. */
export function targetsOf({ members, leaving, expected }: Choice): readonly CallTarget[] {
  const all = members();
  // Those that are about to go are not to be kept from it where another will come up.
  return all.length > 0 || expected() ? all : leaving();
}

/** Where a call comes back to one that is about to go. */
export function returned(call: Call, { leaving, affinity }: Choice): CallTarget | undefined {
  const going = leaving();
  return going.length === 0 ? undefined : giverOf(call, going, affinity);
}

/** Where one call can go, and has been. */
export class Route implements Errand<CallTarget> {
  readonly #call: Call;
  readonly #choice: Choice;
  #tried: readonly CallTarget[] = none;

  constructor(call: Call, choice: Choice) {
    this.#call = call;
    this.#choice = choice;
  }

  /** It is to go elsewhere, if it can. */
  tried(target: CallTarget): void {
    this.#tried = [...this.#tried, target];
  }

  only(): CallTarget | undefined {
    const back = returned(this.#call, this.#choice);
    if (back !== undefined) return back;
    const all = targetsOf(this.#choice);
    const { affinity, homes } = this.#choice;
    return all.length < 2 ? undefined : ownerOf(this.#call, preferred(all, this.#tried), affinity, homes);
  }

  any(hasRoom: (target: CallTarget) => boolean): CallTarget | undefined {
    const all = targetsOf(this.#choice);
    if (all.length < 2) return all[0];
    const able = preferred(all, none);
    const free = able.filter(hasRoom);
    return leastLoaded(free.length === 0 ? able : preferred(free, this.#tried), this.#choice.random);
  }
}

const none: readonly CallTarget[] = Object.freeze([]);

/** Those that take calls and were not tried yet; else those that take calls; else all, of which one says when it will. */
function preferred(all: readonly CallTarget[], tried: readonly CallTarget[]): readonly CallTarget[] {
  const able = all.filter(({ allows }) => allows);
  const fresh = tried.length === 0 ? able : able.filter((target) => !tried.includes(target));
  if (fresh.length > 0) return fresh;
  return able.length > 0 ? able : all;
}
