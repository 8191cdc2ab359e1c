/** Tells listeners of something. One that throws does not keep the others from being told: its error surfaces as an uncaught one. */
export interface Teller<T> {
  /** Returns what ends the listening. */
  listen(listener: (event: T) => void): () => void;
  tell(event: T): void;
}

export function createTeller<T>(): Teller<T> {
  const listeners = new Set<(event: T) => void>();
  return {
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
