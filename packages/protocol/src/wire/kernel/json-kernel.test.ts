import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readJson } from '../raw-object.ts';
import { Scanner } from '../scanner.ts';
import { damaged, placed, valueText } from '../testing/json-text.ts';
import { jsonKernel, JsonKernel, kernelMostBytes } from './json-kernel.ts';

const kernel = new JsonKernel();

/** Whether the kernel sees one JSON value, with white space around it. */
function taken(bytes: Uint8Array): boolean {
  kernel.load(bytes);
  const start = /^[ \t\n\r]*/.exec(latin1(bytes))?.[0].length ?? 0;
  const end = kernel.value(start, 1000);
  return end !== 0 && /^[ \t\n\r]*$/.test(latin1(bytes.subarray(end)));
}

/** The same as the platform sees it: every byte a character, since the kernel leaves UTF-8 to others. */
function valid(bytes: Uint8Array): boolean {
  try {
    JSON.parse(latin1(bytes));
    return true;
  } catch {
    return false;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

describe('the kernel takes exactly what JSON.parse takes', () => {
  it('of JSON', () => {
    fc.assert(
      fc.property(placed(valueText), (bytes) => {
        expect(taken(bytes)).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it('of damaged JSON', () => {
    fc.assert(
      fc.property(damaged(valueText), (bytes) => {
        expect(taken(bytes)).toBe(valid(bytes));
      }),
      { numRuns: 6000 },
    );
  });

  it('of arbitrary bytes', () => {
    const likely = fc
      .array(fc.constantFrom(...Buffer.from('"\\{}[]:,-+.eE019 \ntrufalsn')), { maxLength: 9 })
      .map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 6 }), likely), (bytes) => {
        expect(taken(bytes)).toBe(valid(bytes));
      }),
      { numRuns: 6000 },
    );
  });

  it('of strings that are full of escapes', () => {
    const unit = fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom('\\\\', '\\"', '\\n', '\\/', '\\u00e9', 'a', 'é', 'xxxxxxxxxxxx') },
      { weight: 1, arbitrary: fc.constantFrom('"', '\\', '\u0001', '\\u12', '\\x') },
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 120 }), (units) => {
        const bytes = Buffer.from(`"${units.join('')}"`);
        expect(taken(bytes)).toBe(valid(bytes));
      }),
      { numRuns: 4000 },
    );
  });

  it('of every byte, escaped or not, at every place of a block', () => {
    const disagreements: unknown[] = [];
    for (const escape of ['', '\\', '\\\\']) {
      for (let before = 0; before < 130; before += 1) {
        for (let byte = 0; byte < 256; byte += 1) {
          const bytes = Buffer.from(`"${'x'.repeat(before)}${escape}?0a1F"`);
          bytes[1 + before + escape.length] = byte;
          if (taken(bytes) !== valid(bytes)) disagreements.push({ escape, before, byte });
        }
      }
    }
    expect(disagreements).toEqual([]);
  });
});

describe('the kernel keeps to its text', () => {
  it('takes none that is cut short, although the rest of it still is in memory', () => {
    const whole = Buffer.from(
      JSON.stringify({ a: ['x'.repeat(70), '"\\\n\u0001é', true, false, null, -1.5e-7], b: { c: [[], {}] } }),
    );
    expect(taken(whole)).toBe(true);
    const taking: number[] = [];
    for (let length = 0; length < whole.length; length += 1) {
      kernel.load(whole);
      if (taken(whole.subarray(0, length))) taking.push(length);
    }
    expect(taking).toEqual([]);
  });

  it('reads as many levels as it is told, up to 4,096', () => {
    const nested = (depth: number): Uint8Array =>
      Buffer.from('[{"a":'.repeat(depth / 2) + '1' + '}]'.repeat(depth / 2));
    kernel.load(nested(8));
    expect(kernel.value(0, 8)).toBe(nested(8).length);
    expect(kernel.value(0, 7)).toBe(0);
    expect(kernel.value(0, -1)).toBe(0);
    kernel.load(nested(4096));
    expect(kernel.value(0, Number.POSITIVE_INFINITY)).toBe(nested(4096).length);
    kernel.load(nested(4098));
    expect(kernel.value(0, Number.POSITIVE_INFINITY)).toBe(0);
    expect(readJson(nested(4098), { maxDepth: 4098 }).bytes).toEqual(nested(4098));
  });

  it('holds a text of 16 MiB, and a longer one is read without it', () => {
    const text = (length: number): Buffer => Buffer.from(`"${'x'.repeat(length - 2)}"`);
    const longest = text(kernelMostBytes);
    expect(kernel.load(longest)).toBeGreaterThan(0);
    expect(kernel.value(0, 1)).toBe(16 * 1024 * 1024);
    const { loaded } = jsonKernel() ?? kernel;
    expect(readJson(text(kernelMostBytes + 1)).bytes.length).toBe(kernelMostBytes + 1);
    expect(jsonKernel()?.loaded).toBe(loaded);
  });

  it('serves scanners that take turns', () => {
    const texts = ['a', 'b'].map((letter) => Buffer.from(JSON.stringify([letter.repeat(600), { [letter]: 1 }])));
    const scanners = texts.map((text) => new Scanner(text, 10));
    const values = ['a', 'b', 'a'].map((letter) => scanners[letter === 'a' ? 0 : 1]?.value(1, 1));
    expect(values).toEqual([603, 603, 603]);
    expect(scanners.map((scanner) => scanner.value(604, 1))).toEqual([611, 611]);
  });
});

describe('where there is no WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it.each([
    ['none at all', undefined],
    ['no memory for it', { Memory: outOfMemory }],
  ])('%s: long input is read all the same', async (_, replacement) => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', replacement);
    if (replacement === undefined) Reflect.deleteProperty(globalThis, 'WebAssembly');
    const without = await import('../raw-object.ts');
    const long = Buffer.from(JSON.stringify({ long: 'é\n'.repeat(1000), list: [1, { two: null }] }));
    expect(without.readJson(long).text).toBe(long.toString());
    expect(() => without.readJson(long.subarray(0, 2000))).toThrow('The message ends before its JSON does.');
  });
});

function outOfMemory(): never {
  throw new RangeError('could not allocate memory');
}
