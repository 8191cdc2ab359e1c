import { randomBytes } from 'node:crypto';
import type { Caller } from '../../../../call.ts';
import { longestTimerMs } from '../../../../errors/check-numbers.ts';
import type { KeptTask } from './kept-task.ts';
import type { TaskOptions } from './task-options.ts';

/** Room for one task. */
export interface TaskPlace {
  /** What its callers call it. */
  readonly id: string;
  /** Keeps a task there, to be found by its id for `keepMs`; then it is dropped. */
  keep(task: KeptTask, keepMs: number): void;
  /** Gives the room back. Safe to call twice. */
  leave(): void;
}

type Owner = Pick<Caller, 'principal' | 'tenant'>;

class Place implements TaskPlace {
  readonly id: string = randomBytes(idBytes).toString('base64url');
  readonly owner: string;
  readonly #left: (place: Place) => void;
  #task: KeptTask | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(owner: string, left: (place: Place) => void) {
    this.owner = owner;
    this.#left = left;
  }

  get task(): KeptTask | undefined {
    return this.#task;
  }

  keep(task: KeptTask, keepMs: number): void {
    this.#task = task;
    this.#timer = setTimeout(() => task.drop(), Math.max(keepMs, 0)).unref();
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#left(this);
  }
}

const idBytes = 18;
const defaultMaxTasks = 1_000;
const defaultMaxTasksPerPrincipal = 100;
const defaultTtlMs = 3_600_000;

/**
 * The tasks that run at one server in all its sessions, those included that somebody waits for. Their ids are made here: nobody guesses them, and two
 * sessions may well use the same ones. Bounded in number, for each principal too, and in time; of a task that is gone nothing is kept.
 */
export class TaskTable {
  /** How long a task is kept, at most. */
  readonly ttlMs: number;
  readonly maxTasks: number;
  readonly #maxPerOwner: number;
  /** In the order of their creation. */
  readonly #places = new Map<string, Place>();
  readonly #perOwner = new Map<string, number>();

  constructor(options: TaskOptions = {}) {
    this.ttlMs = Math.min(options.ttlMs ?? defaultTtlMs, longestTimerMs);
    this.maxTasks = options.maxTasks ?? defaultMaxTasks;
    this.#maxPerOwner = options.maxTasksPerPrincipal ?? defaultMaxTasksPerPrincipal;
  }

  get size(): number {
    return this.#places.size;
  }

  /** `undefined` when full. A task whose end was told to its caller makes room for another one. */
  reserve(caller: Owner): TaskPlace | undefined {
    const owner = ownerKey(caller);
    const crowded = (this.#perOwner.get(owner) ?? 0) >= this.#maxPerOwner;
    if (crowded && !this.#makeRoom((place) => place.owner === owner)) return undefined;
    if (this.#places.size >= this.maxTasks && !this.#makeRoom(() => true)) return undefined;
    const place = new Place(owner, (gone) => this.#leave(gone));
    this.#places.set(place.id, place);
    this.#perOwner.set(owner, (this.#perOwner.get(owner) ?? 0) + 1);
    return place;
  }

  /** The task of this id, if it is this caller's. */
  find(caller: Owner, id: string): KeptTask | undefined {
    const place = this.#places.get(id);
    return place?.owner === ownerKey(caller) ? place.task : undefined;
  }

  #makeRoom(among: (place: Place) => boolean): boolean {
    for (const place of this.#places.values()) {
      if (place.task?.told !== true || !among(place)) continue;
      place.task.drop();
      return true;
    }
    return false;
  }

  #leave(place: Place): void {
    if (!this.#places.delete(place.id)) return;
    const left = (this.#perOwner.get(place.owner) ?? 1) - 1;
    if (left === 0) this.#perOwner.delete(place.owner);
    else this.#perOwner.set(place.owner, left);
  }
}

function ownerKey({ tenant, principal }: Owner): string {
  return JSON.stringify([tenant, principal]);
}
