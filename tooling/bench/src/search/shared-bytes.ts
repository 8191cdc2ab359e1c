interface Sized {
  readonly byteLength: number;
}
interface Memory {
  readonly buffer: Sized;
}

/** The global is declared neither by the compiler's ES library nor by Node's types. */
declare const WebAssembly: { Memory: new (pages: object) => Memory };

/** Watches all shared buffers and WebAssembly memories that are made from now on, and tells how many bytes of shared ones are alive: V8 counts them nowhere. */
export function countSharedBytes(): () => number {
  let buffers: WeakRef<Sized>[] = [];
  let memories: WeakRef<Memory>[] = [];
  globalThis.SharedArrayBuffer = new Proxy(SharedArrayBuffer, {
    construct(target, given, type) {
      const made = Reflect.construct(target, given, type) as SharedArrayBuffer;
      buffers.push(new WeakRef(made));
      return made;
    },
  });
  const shared = Object.getPrototypeOf(new SharedArrayBuffer(0)) as object;
  WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
    construct(target, given, type) {
      const made = Reflect.construct(target, given, type) as Memory;
      if (Object.getPrototypeOf(made.buffer) === shared) memories.push(new WeakRef(made));
      return made;
    },
  });
  return () => {
    buffers = buffers.filter((buffer) => buffer.deref() !== undefined);
    memories = memories.filter((memory) => memory.deref() !== undefined);
    const sizes = [...buffers.map((buffer) => buffer.deref()), ...memories.map((memory) => memory.deref()?.buffer)];
    return sizes.reduce((sum, size) => sum + (size?.byteLength ?? 0), 0);
  };
}
