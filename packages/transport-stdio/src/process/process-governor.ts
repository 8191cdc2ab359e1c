import { basename } from 'node:path';
import { checkNumbers, countOf, millisecondsFrom, ToolyardError } from '@toolyard/protocol';
import type { LiveProcess, ProcessPlace } from './process-place.ts';
import { Place } from './process-place.ts';

export interface ProcessGovernorOptions {
  /** Processes of all servers, those that are ending included. Default 256. */
  readonly maxProcesses?: number;
  /** Processes of one server. Default 128: twice as many as it may have instances, for those that take the place of others. */
  readonly maxProcessesPerServer?: number;
  /** Processes that are coming up at the same time: coming up is what costs. Default 8. */
  readonly maxConcurrentSpawns?: number;
  /** After which one that is still coming up no longer counts for that. Default 5,000. */
  readonly spawnHoldMs?: number;
  /** Starts that wait for their turn. Default 1,024. */
  readonly maxWaiting?: number;
}

/** Bounds how many processes there are, and knows all of them. One for all that start processes. */
export interface ProcessGovernor {
  /**
   * Asks for a place before a process is started. Waits while as many as may are coming up, or while a cap is reached and a process is ending that counts
   * for it. Rejects with `PROCESS_LIMIT` where a cap is reached and nothing is ending, or too many wait, and with the signal's reason.
   */
  enter(request: ProcessRequest): Promise<ProcessPlace>;
  /**
   * Takes these bounds in place of those before, for starts from now on; what is left out has its default again. Nothing that runs is ended. Throws as
   * `createProcessGovernor` does, and changes nothing.
   */
  configure(options: ProcessGovernorOptions): void;
  /** In the order in which they were started. */
  list(): readonly LiveProcess[];
  /**
   * Resolves when none is left: an attempt to connect that was given up, and what a process left behind when it died, may take a while longer to end than the
   * connection. Rejects with the signal's reason.
   */
  whenEmpty(signal?: AbortSignal): Promise<void>;
}

export interface ProcessRequest {
  readonly upstream: string;
  readonly command: string;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** Throws `CONFIG_INVALID` for a bound that is none: numbers are whole and from 1. */
export function createProcessGovernor(options: ProcessGovernorOptions = {}): ProcessGovernor {
  return new Governor(readBounds(options));
}

const rules = {
  maxProcesses: countOf('processes'),
  maxProcessesPerServer: countOf('processes'),
  maxConcurrentSpawns: countOf('processes'),
  spawnHoldMs: millisecondsFrom(1),
  maxWaiting: countOf('starts'),
};

function readBounds(options: ProcessGovernorOptions): Bounds {
  checkNumbers('a process governor', options, rules);
  return {
    maxProcesses: options.maxProcesses ?? 256,
    maxProcessesPerServer: options.maxProcessesPerServer ?? 128,
    maxConcurrentSpawns: options.maxConcurrentSpawns ?? 8,
    spawnHoldMs: options.spawnHoldMs ?? 5_000,
    maxWaiting: options.maxWaiting ?? 1_024,
  };
}

type Bounds = { readonly [K in keyof ProcessGovernorOptions]-?: number };

interface Waiting {
  readonly request: ProcessRequest;
  readonly turn: PromiseWithResolvers<ProcessPlace>;
}

class Governor implements ProcessGovernor {
  #bounds: Bounds;
  readonly #places = new Set<Place>();
  readonly #waiting = new Set<Waiting>();
  #empty = Promise.withResolvers<void>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  async enter(request: ProcessRequest): Promise<ProcessPlace> {
    const { signal } = request;
    signal?.throwIfAborted();
    if (this.#mayStart(request)) return this.#take(request);
    if (this.#waiting.size >= this.#bounds.maxWaiting)
      throw refused(request, this.#bounds.maxWaiting, 'starts wait for their turn');
    const waiting: Waiting = { request, turn: Promise.withResolvers() };
    const giveUp = (): void => waiting.turn.reject(signal?.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(waiting);
    try {
      return await waiting.turn.promise;
    } finally {
      this.#waiting.delete(waiting);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  configure(options: ProcessGovernorOptions): void {
    this.#bounds = readBounds(options);
    this.#letIn();
  }

  list(): readonly LiveProcess[] {
    return [...this.#places].flatMap((place) => place.live ?? []);
  }

  async whenEmpty(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#places.size === 0) return;
    const enough = Promise.withResolvers<never>();
    const giveUp = (): void => enough.reject(signal?.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    await Promise.race([this.#empty.promise, enough.promise]).finally(() =>
      signal?.removeEventListener('abort', giveUp),
    );
  }

  #take({ upstream, command }: ProcessRequest): Place {
    const place: Place = new Place(upstream, basename(command), this.#bounds.spawnHoldMs, (isGone) => {
      if (isGone) this.#places.delete(place);
      this.#letIn();
      if (this.#places.size > 0) return;
      this.#empty.resolve();
      this.#empty = Promise.withResolvers();
    });
    this.#places.add(place);
    return place;
  }

  #letIn(): void {
    for (const waiting of this.#waiting) {
      const { request, turn } = waiting;
      // Given up already, and about to leave by itself.
      if (request.signal?.aborted === true) continue;
      try {
        if (!this.#mayStart(request)) continue;
        turn.resolve(this.#take(request));
      } catch (error) {
        turn.reject(error);
      }
      this.#waiting.delete(waiting);
    }
  }

  /** `false`: not yet. Throws where there is nothing to wait for. */
  #mayStart(request: ProcessRequest): boolean {
    const { maxProcesses, maxProcessesPerServer, maxConcurrentSpawns } = this.#bounds;
    const all = [...this.#places];
    const siblings = all.filter(({ upstream }) => upstream === request.upstream);
    const inAll = hasRoom(all, maxProcesses) ?? refused(request, maxProcesses, 'processes run in all');
    const ofServer =
      hasRoom(siblings, maxProcessesPerServer) ??
      refused(request, maxProcessesPerServer, `processes of ${request.upstream} run`);
    if (typeof inAll !== 'boolean') throw inAll;
    if (typeof ofServer !== 'boolean') throw ofServer;
    return inAll && ofServer && all.filter(({ comingUp }) => comingUp).length < maxConcurrentSpawns;
  }
}

/** `false`: once one of them has ended. `undefined`: no. */
function hasRoom(places: readonly Place[], limit: number): boolean | undefined {
  if (places.length < limit) return true;
  return places.some(({ leaving }) => leaving) ? false : undefined;
}

function refused({ upstream }: ProcessRequest, limit: number, what: string): ToolyardError<'PROCESS_LIMIT'> {
  const message = `${upstream} was not started: ${limit} ${what}, as many as may.`;
  return new ToolyardError('PROCESS_LIMIT', { upstream, limit }, message);
}
