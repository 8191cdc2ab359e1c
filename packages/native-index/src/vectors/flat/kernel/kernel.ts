import type { Compare, Scan, Score } from './loops.ts';
import { compareScript, scanScript, scoreScript } from './scan-script.ts';
import { scanWasm } from './scan-wasm.ts';

/** Memory, and the loops over it that have to be fast. Addresses are bytes from its start. */
export interface Kernel {
  /** May be another object after each `grow`. */
  readonly memory: ArrayBufferLike;
  /** Throws `RangeError` where the machine has no more, or the bound is reached. */
  grow(bytes: number): void;
  /** What `scan.as` says. */
  readonly scan: Scan;
  readonly score: Score;
  readonly compare: Compare;
}

export const pageBytes = 65_536;

/** What is used of the global that neither the compiler's ES library nor Node's types declare; absent under `--jitless`. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number; shared: boolean }) => {
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** SIMD, or plain JavaScript where the runtime has no WebAssembly: the same answers, some ten times slower. */
export function createKernel(pages: number, maxPages: number): Kernel {
  return 'WebAssembly' in globalThis ? wasmKernel(pages, maxPages) : scriptKernel(pages, maxPages);
}

/** Shared with nobody, but V8 takes what is not for new each time that it grows, and then marks the whole heap of the process. */
function wasmKernel(pages: number, maxPages: number): Kernel {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: maxPages, shared: true });
  const module = new WebAssembly.Module(Buffer.from(scanWasm, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return {
    get memory() {
      return memory.buffer;
    },
    grow: (bytes) => void memory.grow(Math.ceil(bytes / pageBytes)),
    scan: exports['scan'] as Scan,
    score: exports['score'] as Score,
    compare: exports['compare'] as Compare,
  };
}

export function scriptKernel(pages: number, maxPages: number): Kernel {
  const memory = new ArrayBuffer(pages * pageBytes, { maxByteLength: maxPages * pageBytes });
  return {
    memory,
    grow: (bytes) => memory.resize(memory.byteLength + Math.ceil(bytes / pageBytes) * pageBytes),
    scan: scanScript(memory),
    score: scoreScript(memory),
    compare: compareScript(memory),
  };
}
