import { Flight, type FlightOptions } from './flight.ts';

export interface FlightBounds {
  readonly maxFlights: number;
  readonly maxWaiting: number;
}

/** A store that takes longer must not make an old answer a new one for whoever comes. */
const keepingMs = 1_000;

/** The requests under way, each with a name. A flight can be joined until its answer is kept, so that none falls between. */
export class Flights {
  readonly #flights = new Map<string, Flight>();
  readonly #bounds: FlightBounds;

  constructor(bounds: FlightBounds) {
    this.#bounds = bounds;
  }

  has(name: string): boolean {
    return this.#flights.has(name);
  }

  /** The flight of this name, or a new one; `undefined` where there are too many of them, or too many that wait for it. */
  join(name: string, options: Omit<FlightOptions, 'onDeserted'>): Flight | undefined {
    const known = this.#flights.get(name);
    if (known !== undefined) return known.waiting < this.#bounds.maxWaiting ? known : undefined;
    if (this.#flights.size >= this.#bounds.maxFlights) return undefined;
    const forget = (): void => {
      if (this.#flights.get(name) === flight) this.#flights.delete(name);
    };
    const flight = new Flight({ ...options, onDeserted: forget });
    this.#flights.set(name, flight);
    flight.landing.then(({ kept }) => within(kept)).then(forget, forget);
    return flight;
  }
}

function within(kept: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, keepingMs);
    void kept.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
