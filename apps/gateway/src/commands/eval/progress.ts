/** Tells how far long work is. */
export interface Progress extends Disposable {
  /** What is done now, in a few words. */
  now(text: () => string): void;
}

/** Tells every `everyMs` milliseconds (default 5,000), so never of what is done sooner. */
export function createProgress(err: (text: string) => void, everyMs = 5_000): Progress {
  let current: (() => string) | undefined;
  const timer = setInterval(() => {
    if (current !== undefined) err(current());
  }, everyMs);
  timer.unref();
  return {
    now: (text) => {
      current = text;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
