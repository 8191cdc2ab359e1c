import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects what died young, and the buffers that it held; `undefined` where the runtime has no way to ask for that. Takes about a millisecond. */
export function youngCollection(): (() => void) | undefined {
  // Only contexts that are made while the flag is on have the function, so that nobody else comes by it.
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  return typeof gc === 'function'
    ? () => void Reflect.apply(gc, undefined, [{ type: 'minor', execution: 'sync' }])
    : undefined;
}
