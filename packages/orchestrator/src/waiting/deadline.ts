/** An abort signal that also fires after some time, on the same clock as timers. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** Aborts with what `late` makes after `ms`, or as soon as `parent` does. Dispose it when the work is done. */
export function deadline(ms: number, parent: AbortSignal, late: () => Error): Deadline {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort(late()), ms);
  return {
    signal: AbortSignal.any([parent, own.signal]),
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
