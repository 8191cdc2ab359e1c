import type { Errand, Place } from './place.ts';

interface Waits<P> {
  come(place: P): void;
  refuse(error: Error): void;
}

interface Ticket<P extends Place> {
  /** Counts arrivals. */
  readonly number: number;
  readonly turn: Waits<P>;
  readonly errand: Errand<P>;
  /** That it stands in. */
  line: Line<P>;
}

/** In the order of arrival. */
class Line<P extends Place> {
  /** Sets keep the order in which they were filled. */
  readonly #tickets = new Set<Ticket<P>>();
  #last = 0;

  get size(): number {
    return this.#tickets.size;
  }

  get first(): Ticket<P> | undefined {
    const [first] = this.#tickets;
    return first;
  }

  [Symbol.iterator](): IterableIterator<Ticket<P>> {
    return this.#tickets.values();
  }

  add(tickets: readonly Ticket<P>[]): void {
    let inOrder = true;
    for (const ticket of tickets) {
      inOrder &&= ticket.number > this.#last;
      this.#last = ticket.number;
      this.#tickets.add(ticket);
      ticket.line = this;
    }
    if (!inOrder) this.#sort();
  }

  delete(ticket: Ticket<P>): void {
    this.#tickets.delete(ticket);
  }

  #sort(): void {
    const tickets = [...this.#tickets].toSorted((one, other) => one.number - other.number);
    this.#tickets.clear();
    for (const ticket of tickets) this.#tickets.add(ticket);
    this.#last = tickets.at(-1)?.number ?? 0;
  }
}

/** Those who wait for one place, a line for each, and those for whom any will do; each in the order of arrival. */
export interface Lines<P extends Place> {
  readonly size: number;
  readonly waitingForAny: number;
  waitingFor(place: P): number;
  add(turn: Waits<P>, errand: Errand<P>, only: P | undefined): void;
  remove(turn: Waits<P>): void;
  /** Who came first of those that can begin now, and where. Still waits. */
  next(hasRoom: (place: P) => boolean): { readonly turn: Waits<P>; readonly place: P } | undefined;
  /** Whoever waits for a place that is not open any more is asked anew where to go. */
  sort(isOpen: (place: P) => boolean): void;
  refuseAny(why: Error): void;
}

/** `takes`: whether one would begin there at once, if only to be refused. */
export function createLines<P extends Place>(takes: (place: P) => boolean): Lines<P> {
  const tickets = new Map<Waits<P>, Ticket<P>>();
  const lines = new Map<P, Line<P>>();
  const any = new Line<P>();
  let arrivals = 0;

  const lineFor = (place: P | undefined): Line<P> => {
    if (place === undefined) return any;
    const line = lines.get(place) ?? new Line<P>();
    lines.set(place, line);
    return line;
  };
  /** All at once, since a line is put in order each time. */
  const move = (moving: readonly (readonly [Ticket<P>, P | undefined])[]): void => {
    const groups = Map.groupBy(moving, ([, place]) => lineFor(place));
    for (const [line, group] of groups) {
      const coming = group.map(([ticket]) => ticket).filter((ticket) => ticket.line !== line);
      for (const ticket of coming) ticket.line.delete(ticket);
      line.add(coming);
    }
  };
  /** Sends those who came first to their places where they have one by now, since others of the same caller have begun there. */
  const firstOfAny = (): Ticket<P> | undefined => {
    const moving: (readonly [Ticket<P>, P])[] = [];
    let first: Ticket<P> | undefined;
    for (const ticket of any) {
      const only = ticket.errand.only();
      if (only === undefined) {
        first = ticket;
        break;
      }
      moving.push([ticket, only]);
    }
    if (moving.length > 0) move(moving);
    return first;
  };
  return {
    get size() {
      return tickets.size;
    },
    get waitingForAny() {
      return any.size;
    },
    waitingFor: (place) => lines.get(place)?.size ?? 0,
    add(turn, errand, only) {
      const line = lineFor(only);
      const ticket = { number: ++arrivals, turn, errand, line };
      line.add([ticket]);
      tickets.set(turn, ticket);
    },
    remove(turn) {
      const ticket = tickets.get(turn);
      if (ticket === undefined) return;
      tickets.delete(turn);
      ticket.line.delete(ticket);
    },
    next(hasRoom) {
      let first = firstOfAny();
      let where = first?.errand.any(hasRoom);
      if (where === undefined || !takes(where)) first = where = undefined;
      for (const [place, line] of lines) {
        const head = line.first;
        if (head === undefined) lines.delete(place);
        else if ((first === undefined || head.number < first.number) && takes(place)) [first, where] = [head, place];
      }
      return first === undefined || where === undefined ? undefined : { turn: first.turn, place: where };
    },
    sort(isOpen) {
      const homeless = [...lines].flatMap(([place, line]) => (isOpen(place) ? [] : [...line]));
      if (homeless.length > 0) move(homeless.map((ticket) => [ticket, ticket.errand.only()]));
    },
    refuseAny(why) {
      for (const { turn } of any) turn.refuse(why);
    },
  };
}
