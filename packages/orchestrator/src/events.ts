/** Tells listeners of something. */
export interface Told<T> extends AsyncIterable<T> {
  /** Returns what ends the listening. Listeners are called in turn, at once; what they throw is theirs to catch. */
  listen(listener: (event: T) => void): () => void;
  /** What is told from now on, in order. Of what its reader has not taken yet the last 1,000 are kept. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}

export interface Teller<T> extends Told<T> {
  tell(event: T): void;
  /** Whether nobody listens. */
  readonly idle: boolean;
}

/** One listener that throws does not keep the others from being told: its error surfaces as an uncaught one. */
export function createTeller<T>(): Teller<T> {
  const listeners = new Set<(event: T) => void>();
  const listen = (listener: (event: T) => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    get idle() {
      return listeners.size === 0;
    },
    listen,
    [Symbol.asyncIterator]: () => iterate(listen),
    tell(event) {
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}

const maxKept = 1_000;

/** Begins to listen at once, and ends with `return`, which `break` in a loop calls. */
export function iterate<T>(listen: Told<T>['listen']): AsyncIterableIterator<T> {
  const kept: T[] = [];
  const waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  let over = false;
  const stop = listen((event) => {
    const reader = waiting.shift();
    if (reader !== undefined) return reader({ done: false, value: event });
    kept.push(event);
    if (kept.length > maxKept) kept.shift();
  });
  return {
    next() {
      const value = kept.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      if (over) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => void waiting.push(resolve));
    },
    return() {
      over = true;
      stop();
      kept.length = 0;
      for (const reader of waiting.splice(0)) reader({ done: true, value: undefined });
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
