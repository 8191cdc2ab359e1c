import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ToolyardError } from '../errors/toolyard-error.ts';
import { elements, readJson } from './raw-object.ts';
import { damaged, placed, platformParse, valueText } from './testing/json-text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Whether it is taken, and if not, at which offset it is refused. */
function verdict(bytes: Uint8Array): 'taken' | number {
  try {
    readJson(bytes);
    return 'taken';
  } catch (error) {
    if (ToolyardError.is(error, 'PARSE_ERROR')) return error.facts.offset;
    throw error;
  }
}

const json = (text: string): 'taken' | number => verdict(utf8(text));

describe('the scanner takes exactly what JSON.parse takes', () => {
  it('takes whatever is JSON, and keeps it byte for byte', () => {
    fc.assert(
      fc.property(placed(valueText), (bytes) => {
        const raw = readJson(bytes);
        expect(Buffer.from(raw.bytes).equals(bytes)).toBe(true);
        expect({ value: raw.value }).toEqual(platformParse(bytes));
      }),
      { numRuns: 1500 },
    );
  });

  it('takes damaged JSON where and only where JSON.parse does', () => {
    fc.assert(
      fc.property(damaged(valueText), (bytes) => {
        const expected = platformParse(bytes);
        expect(verdict(bytes) === 'taken').toBe(expected !== undefined);
        if (expected !== undefined) expect(readJson(bytes).value).toEqual(expected.value);
      }),
      { numRuns: 6000 },
    );
  });

  it('takes arbitrary bytes where and only where JSON.parse does', () => {
    const short = fc.uint8Array({ maxLength: 6 });
    const likely = fc
      .array(fc.constantFrom(...Buffer.from('"\\{}[]:,-+.eE019 \n')), { maxLength: 8 })
      .map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.oneof(short, likely), (bytes) => {
        expect(verdict(bytes) === 'taken').toBe(platformParse(bytes) !== undefined);
      }),
      { numRuns: 6000 },
    );
  });

  it('agrees with JSON.parse on every single byte inside a string, however long the string is', () => {
    const disagreements: unknown[] = [];
    for (const before of [0, 7, 65, 123, 125, 127, 700]) {
      for (let byte = 0; byte < 256; byte += 1) {
        for (const after of ['"', 'x"', `${'x'.repeat(60)}"`]) {
          const bytes = Buffer.concat([utf8(`"${'x'.repeat(before)}`), Uint8Array.of(byte), utf8(after)]);
          const taken = platformParse(bytes) !== undefined;
          if ((verdict(bytes) === 'taken') !== taken) disagreements.push({ before, byte, after, taken });
        }
      }
    }
    expect(disagreements).toEqual([]);
  });

  it('splits arrays into elements that are verbatim', () => {
    fc.assert(
      fc.property(fc.array(valueText, { maxLength: 5 }), (values) => {
        const raw = readJson(utf8(`[ ${values.join(' ,\n')}\t]`));
        expect(elements(raw)?.map((element) => element.text)).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the scanner says where it stopped', () => {
  it.each([
    ['', 0],
    ['   ', 3],
    ['{', 1],
    ['{"a"', 4],
    ['{"a":', 5],
    ['{"a":1', 6],
    ['{"a":1,', 7],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['[1}', 2],
    ['01', 1],
    ['-', 1],
    ['1.', 2],
    ['.5', 0],
    ['1e+', 3],
    ['+1', 0],
    ['tru', 3],
    ['nul1', 3],
    ['"\\x"', 2],
    ['"\\uG234"', 3],
    ['"\\u12G4"', 5],
    ['"\\u123G"', 6],
    ['"\\u123"', 6],
    ['"\u0000"', 1],
    ['"a\nb"', 2],
    ["'a'", 0],
    ['{} {}', 3],
    ['\ufeff{}', 0],
    ['NaN', 0],
    ['\u00a01', 0],
  ])('%j is refused at byte %i, and so it is far behind', (text, offset) => {
    expect(json(text)).toBe(offset);
    const before = `["${'x'.repeat(1000)}",`;
    expect(json(before + text)).toBe(before.length + offset);
  });

  it.each([
    ['an overlong slash', [0xc0, 0xaf], 1],
    ['an overlong quote, which a careless decoder would end the string at', [0xc0, 0xa2], 1],
    ['a surrogate', [0xed, 0xa0, 0x80], 1],
    ['a point beyond Unicode', [0xf4, 0x90, 0x80, 0x80], 1],
    ['a lone continuation', [0x80], 1],
    ['a sequence that is cut short', [0x61, 0xe6, 0xbc], 2],
  ])('%s is refused at its first byte', (_, sequence, offset) => {
    expect(verdict(Buffer.from([0x22, ...sequence, 0x22]))).toBe(offset);
    expect(verdict(Buffer.from([0x22, ...Buffer.from('y'.repeat(50)), ...sequence, 0x22]))).toBe(offset + 50);
    expect(verdict(Buffer.from([0x22, ...Buffer.from('y'.repeat(700)), ...sequence, 0x22]))).toBe(offset + 700);
  });

  it('takes lone surrogates where they are escapes, as JSON.parse does', () => {
    const raw = readJson(utf8(String.raw`"\ud800 \udc00"`));
    expect(raw.text).toBe(String.raw`"\ud800 \udc00"`);
    expect(raw.value).toBe('\ud800 \udc00');
  });
});

describe('the scanner is bounded', () => {
  it('nests as deep as it was told, and not deeper', () => {
    const nested = (depth: number): Uint8Array => utf8('['.repeat(depth) + ']'.repeat(depth));
    expect(verdict(nested(1000))).toBe('taken');
    expect(verdict(nested(1001))).toBe(1000);
    expect(readJson(nested(3), { maxDepth: 3 }).text).toBe('[[[]]]');
    expect(() => readJson(nested(4), { maxDepth: 3 })).toThrow('The message is nested more than 3 levels deep.');
    expect(() => readJson(utf8('{"a":{"b":[{}]}}'), { maxDepth: 3 })).toThrow(
      'The message is nested more than 3 levels deep.',
    );
  });

  it('tells objects from arrays at every depth', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 140 }), fc.nat(), (kinds, wrong) => {
        const open = kinds.map((object) => (object ? '{"a":' : '[')).join('');
        const close = kinds.map((object) => (object ? '}' : ']')).reverse();
        expect(json(`${open}1${close.join('')}`)).toBe('taken');
        const at = wrong % close.length;
        close[at] = close[at] === '}' ? ']' : '}';
        expect(json(`${open}1${close.join('')}`)).toBe(open.length + 1 + at);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses 4 MiB of open brackets at the bound, without a stack overflow', () => {
    expect(verdict(Buffer.alloc(4 * 1024 * 1024, '['))).toBe(1000);
    expect(verdict(Buffer.from('{"a":'.repeat(800_000)))).toBe(5000);
    expect(() => readJson(Buffer.alloc(4 * 1024 * 1024, '['), { maxDepth: Number.POSITIVE_INFINITY })).toThrow(
      'The message ends before its JSON does.',
    );
  });
});
