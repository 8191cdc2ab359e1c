import type { RawObject } from '../../../../wire/raw-object.ts';

/** A session, as the others with the same server see it. */
export interface EventMember {
  /** Who its calls are of, where sessions are kept apart; updates of resources stay with those of the same owner. */
  readonly owner: string;
  /** Called at once with a change of a list that another member heard of. */
  overhear(method: string, params: RawObject): void;
  /** Called with what the subscriptions of this member are to be told. */
  tell(method: string, params: RawObject): void;
}

interface WaitingEvent {
  readonly method: string;
  readonly params: RawObject;
  /** `undefined`: of all. */
  readonly owner: string | undefined;
}

/** How long after the first of several sessions has said something it is told: the others are about to say the same. */
const breathMs = 50;
/** Different events that wait; so many are told at once. */
const maxWaiting = 1_000;

const updated = 'notifications/resources/updated';

/**
 * What the sessions with one server hear of lists and resources, told to the subscriptions of all. A server may tell one change in each session, so where
 * there are several, events that say the same within a breath are told once, at its end: after the last of them, so that whoever looks then sees it all.
 */
export class SharedEvents {
  readonly #members = new Set<EventMember>();
  readonly #waiting = new Map<string, WaitingEvent>();
  #timer: NodeJS.Timeout | undefined;

  join(member: EventMember): void {
    this.#members.add(member);
  }

  leave(member: EventMember): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#tellAll();
  }

  /** What a member hears that belongs to no call. */
  heard(from: EventMember, method: string, params: RawObject): void {
    const isList = method.endsWith('/list_changed');
    if (!isList && method !== updated) return;
    const others = [...this.#members].filter((member) => member !== from);
    if (others.length === 0) return from.tell(method, params);
    if (isList) for (const member of others) member.overhear(method, params);
    const owner = isList ? undefined : from.owner;
    const key = isList ? method : JSON.stringify([owner, params.string('uri')]);
    this.#waiting.set(key, { method, params, owner });
    if (this.#waiting.size >= maxWaiting) this.#tellAll();
    else this.#timer ??= setTimeout(() => this.#tellAll(), breathMs);
  }

  #tellAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { method, params, owner } of events)
      for (const member of this.#members)
        if (owner === undefined || member.owner === owner) member.tell(method, params);
  }
}
