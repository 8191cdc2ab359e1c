import { jsonWasm } from './json-wasm.ts';

/** A shorter text is read sooner than it is copied. */
export const kernelLeastBytes = 128;
/** A longer text is not copied: the memory is kept. */
export const kernelMostBytes: number = 16 * 1024 * 1024;

/** What is used of the global that neither the compiler's ES library nor Node's types declare; absent under `--jitless`. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number }) => {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

type Value = (at: number, levels: number) => number;

/** How many containers inside one another `json.as` follows; the text stands behind what it notes about them. */
const maxLevels = 4096;
/** What `json.as` may look at beyond the text. */
const slackBytes = 64;
const pageBytes = 65_536;

/**
 * Reads long JSON with SIMD, from a copy in memory of its own. It only ever says that something is valid: what is not, or what it cannot know,
 * is for the scanner to read again, who says what is wrong and where.
 */
export class JsonKernel {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: 1 + kernelMostBytes / pageBytes });
  readonly #value: Value;
  #view = new Uint8Array(this.#memory.buffer);
  #loaded = 0;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(jsonWasm, 'base64'));
    this.#value = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports['value'] as Value;
  }

  /** Which text is here: what the last `load` answered. */
  get loaded(): number {
    return this.#loaded;
  }

  /** Takes a text in place of the one that was here; 0 where there is no room for it. */
  load(text: Uint8Array): number {
    const end = maxLevels + text.length;
    const missing = end + slackBytes - this.#view.length;
    if (missing > 0 && !this.#grow(Math.ceil(missing / pageBytes))) return 0;
    this.#view.set(text, maxLevels);
    this.#view[end] = 0;
    return (this.#loaded += 1);
  }

  #grow(pages: number): boolean {
    const grown = allowed(() => this.#memory.grow(pages)) !== undefined;
    this.#view = new Uint8Array(this.#memory.buffer);
    return grown;
  }

  /** Where the value ends that starts at `at` and holds up to `levels` containers inside one another; 0 where that is not sure. */
  value(at: number, levels: number): number {
    const end = this.#value(at + maxLevels, Math.max(Math.min(levels, maxLevels), 0));
    return end === 0 ? 0 : end - maxLevels;
  }
}

let made: { readonly kernel: JsonKernel | undefined } | undefined;

/** One for the whole thread: nothing of a text is left for the next one to see. `undefined` where there is no WebAssembly, or no memory for it. */
export function jsonKernel(): JsonKernel | undefined {
  made ??= { kernel: 'WebAssembly' in globalThis ? allowed(() => new JsonKernel()) : undefined };
  return made.kernel;
}

/** What `reserve` answers; `undefined` where the machine has no memory for it. */
function allowed<T>(reserve: () => T): T | undefined {
  try {
    return reserve();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
