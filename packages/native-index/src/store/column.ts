/**
 * An array of zeros for what lives as long as an index. It is shared with nobody and lies in a shared buffer all the same: V8 counts what other buffers
 * have grown by, copies that are outgrown included, and every eight megabytes of it would mark the whole heap of the process.
 */
export function column<A>(
  kind: { readonly BYTES_PER_ELEMENT: number; new (buffer: SharedArrayBuffer): A },
  length: number,
): A {
  return new kind(new SharedArrayBuffer(length * kind.BYTES_PER_ELEMENT));
}
