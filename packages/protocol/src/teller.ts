import { ToolyardError } from './errors/toolyard-error.ts';

/** Tells listeners of something. */
export interface Told<T> extends AsyncIterable<T> {
  /**
   * Returns what ends the listening. Throws `INVALID_PARAMS` for what is no function. Listeners are called in turn, at once. What one throws, or its promise rejects with, is theirs to catch: else it
   * is a `ListenerFailure` among the warnings of the process (`process.on('warning')`), and keeps nobody from being told.
   */
  listen(listener: (event: T) => void): () => void;
  /** What is told from now on, in order, until the telling ends. Of what its reader has not taken yet the last 1,000 are kept. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}

export interface Teller<T> extends Told<T> {
  tell(event: T): void;
  /** Nothing more is told: who reads gets what is kept, and then the end. Safe to call twice. */
  end(): void;
  /** Whether nobody listens. */
  readonly idle: boolean;
}

export function createTeller<T>(): Teller<T> {
  const listeners = new Set<(event: T) => void>();
  const readers = new Set<() => void>();
  let over = false;
  const listen = (listener: (event: T) => void): (() => void) => {
    if (typeof listener !== 'function') throw noFunction(listener);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    get idle() {
      return listeners.size === 0;
    },
    listen,
    [Symbol.asyncIterator]() {
      const { reader, end } = iterate(listen, () => readers.delete(end));
      if (over) end();
      else readers.add(end);
      return reader;
    },
    end() {
      over = true;
      listeners.clear();
      for (const end of readers) end();
      readers.clear();
    },
    tell(event) {
      if (over) return;
      for (const listener of [...listeners]) {
        try {
          const done: unknown = listener(event);
          if (done instanceof Promise) done.catch(warn);
        } catch (error) {
          warn(error);
        }
      }
    },
  };
}

function noFunction(listener: unknown): ToolyardError<'INVALID_PARAMS'> {
  const reason = `A listener is a function, not ${listener === null ? 'null' : typeof listener}.`;
  return new ToolyardError('INVALID_PARAMS', { reason }, reason);
}

function warn(error: unknown): void {
  const { message, stack } =
    error instanceof Error ? error : new Error(typeof error === 'string' ? error : 'What it threw is no error.');
  process.emitWarning(`A listener failed: ${message}`, {
    type: 'ListenerFailure',
    ...(stack !== undefined && { detail: stack }),
  });
}

const maxKept = 1_000;

/** Begins to listen at once. The reader ends with `return`, which `break` in a loop calls and `onReturn` hears of, or with `end` once it has taken what is kept. */
function iterate<T>(
  listen: Told<T>['listen'],
  onReturn: () => void,
): { readonly reader: AsyncIterableIterator<T>; readonly end: () => void } {
  const kept: T[] = [];
  const waiting: ((result: IteratorResult<T, undefined>) => void)[] = [];
  let over = false;
  const stop = listen((event) => {
    const reader = waiting.shift();
    if (reader !== undefined) return reader({ done: false, value: event });
    kept.push(event);
    if (kept.length > maxKept) kept.shift();
  });
  const end = (): void => {
    over = true;
    stop();
    for (const reader of waiting.splice(0)) reader({ done: true, value: undefined });
  };
  const reader: AsyncIterableIterator<T> = {
    next() {
      const value = kept.shift();
      if (value !== undefined) return Promise.resolve({ done: false, value });
      if (over) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => void waiting.push(resolve));
    },
    return() {
      kept.length = 0;
      end();
      onReturn();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => reader,
  };
  return { reader, end };
}
