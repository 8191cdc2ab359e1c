/** Where calls are made: an instance of a server. */
export interface Place {
  /** Calls that are under way there. */
  readonly inFlight: number;
  /** Whether it would take one; else it refuses at once, however many are under way. */
  readonly allows: boolean;
}

/** Where a call can go. */
export interface Errand<P extends Place> {
  /** The one place that will do; `undefined` where any will. */
  only(): P | undefined;
  /** The best of those of which any will do, with room if one has; `undefined` where there is none. */
  any(hasRoom: (place: P) => boolean): P | undefined;
}
