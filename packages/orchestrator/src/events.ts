/** Tells listeners of something. */
export interface Told<T> {
  /** Returns what ends the listening. Listeners are called in turn, at once; what they throw is theirs to catch. */
  listen(listener: (event: T) => void): () => void;
}

export interface Teller<T> extends Told<T> {
  tell(event: T): void;
  /** Whether nobody listens. */
  readonly idle: boolean;
}

/** One listener that throws does not keep the others from being told: its error surfaces as an uncaught one. */
export function createTeller<T>(): Teller<T> {
  const listeners = new Set<(event: T) => void>();
  return {
    get idle() {
      return listeners.size === 0;
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
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
