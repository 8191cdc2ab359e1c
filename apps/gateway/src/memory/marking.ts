import { setFlagsFromString } from 'node:v8';

/** Of what V8 lets the objects of its heap grow by, in percent. */
const markAtPercent = 80;

/**
 * From now on V8 begins to mark its whole heap when the objects in it have grown, and no longer for the buffers that they hold, unless those are 64 MiB more than after the last time.
 *
 * The less outlives its call, the less V8 lets a heap grow until then: by 8 MiB, and the size of the young generation, where it is nearly nothing. It counts buffers among that, so that six results
 * of a megabyte are enough, time and again. The flag says at what part of that growth marking begins, and to it only objects count.
 */
export function markForObjects(): void {
  setFlagsFromString(`--incremental-marking-hard-trigger=${markAtPercent}`);
}
