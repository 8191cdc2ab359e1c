import { type Bulkhead, createBulkhead } from '../bulkhead/bulkhead.ts';
import type { Place } from '../bulkhead/place.ts';
import type { Waiting } from '../bulkhead/turn.ts';

const never = new AbortController().signal;
export const anyTime: Waiting = { signal: never, deadlineMs: undefined };
export const within = (ms: number): Waiting => ({ signal: never, deadlineMs: performance.now() + ms });

export interface Desk extends Place {
  inFlight: number;
  allows: boolean;
}

export interface Office {
  readonly bulkhead: Bulkhead<Desk>;
  /** May be changed; `bulkhead.changed()` is to be called then. */
  readonly desks: Desk[];
  /** Whether a desk is expected where there is none. */
  isExpected: boolean;
  readonly queued: number;
  readonly inFlight: number;
}

const desk = (): Desk => ({ inFlight: 0, allows: true });

export interface OfficeOptions {
  readonly desks?: number;
  readonly maxConcurrent?: number;
  readonly maxQueue?: number;
}

export function office({ desks = 1, maxConcurrent = 1, maxQueue = 100 }: OfficeOptions = {}): Office {
  const all = Array.from({ length: desks }, desk);
  const bulkhead: Bulkhead<Desk> = createBulkhead<Desk>({
    upstream: 'files',
    maxConcurrent: () => maxConcurrent,
    maxQueue: () => maxQueue,
    places: () => all,
    isOpen: (place) => place.allows && all.includes(place),
    absence: () => (self.isExpected ? undefined : new Error('nobody is there')),
    now: () => performance.now(),
  });
  const self: Office = {
    bulkhead,
    desks: all,
    isExpected: false,
    get queued() {
      return bulkhead.queued;
    },
    get inFlight() {
      return all.reduce((sum, { inFlight }) => sum + inFlight, 0);
    },
  };
  return self;
}

export interface Job {
  /** Where its work was begun. */
  readonly at: Desk | undefined;
  readonly begun: boolean;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
  /** The result, or what it was refused with. */
  readonly done: Promise<unknown>;
}

/** `only`: the desk that it has to go to. */
export function job({ bulkhead, desks }: Office, call: Waiting = anyTime, only?: Desk): Job {
  const end = Promise.withResolvers<string>();
  const state: { at?: Desk } = {};
  const errand = {
    only: () => (only !== undefined && desks.includes(only) ? only : undefined),
    any: (hasRoom: (place: Desk) => boolean) => desks.find((one) => one.allows && hasRoom(one)) ?? desks[0],
  };
  const done = bulkhead
    .run(call, errand, (place) => {
      state.at = place;
      place.inFlight++;
      const startedMs = performance.now();
      return end.promise.finally(() => {
        place.inFlight--;
        bulkhead.left(performance.now() - startedMs);
      });
    })
    .catch((error: unknown) => error);
  return {
    get at() {
      return state.at;
    },
    get begun() {
      return state.at !== undefined;
    },
    finish: () => end.resolve('done'),
    fail: end.reject,
    done,
  };
}
