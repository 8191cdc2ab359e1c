import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idKey, isIntegerSpelling } from './message-id.ts';

describe('idKey', () => {
  it.each([
    ['"a"', String.raw`"\u0061"`],
    ['"/"', String.raw`"\/"`],
    ['"\n"'.replace('\n', String.raw`\n`), String.raw`"\u000a"`],
    ['"😀"', String.raw`"\ud83d\ude00"`],
    ['1', '1.0'],
    ['1', '1e0'],
    ['1', '10e-1'],
    ['100', '1E+2'],
    ['100', '1.00e2'],
    ['0', '-0'],
    ['0', '0.000'],
    ['0', '0e99999999999999999999'],
    ['-5', '-5.0'],
    ['9007199254740993', '9007199254740993.0'],
    ['1e400', '10e399'],
    ['1e99999999999999999999', '10e99999999999999999998'],
  ])('of %s and %s is one', (one, other) => {
    expect(idKey(other)).toBe(idKey(one));
  });

  it.each([
    ['1', '"1"'],
    ['9007199254740993', '9007199254740992'],
    ['1e400', '1e401'],
    ['1', '-1'],
    ['10', '1'],
    ['"a"', '"A"'],
    [String.raw`"\ud800"`, String.raw`"\ud801"`],
  ])('of %s and %s is two', (one, other) => {
    expect(idKey(other)).not.toBe(idKey(one));
  });

  it('is the same for any two spellings of one integer', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.nat({ max: 5 }),
        fc.nat({ max: 5 }),
        (value, zeros, shift) => {
          const plain = String(value);
          expect(idKey(`${plain}${zeros > 0 ? `.${'0'.repeat(zeros)}` : ''}`)).toBe(idKey(plain));
          expect(idKey(`${plain}${'0'.repeat(shift)}e-${String(shift)}`)).toBe(idKey(plain));
          expect(idKey(`${plain}e${String(shift)}`)).toBe(idKey(String(value * 10n ** BigInt(shift))));
        },
      ),
    );
  });

  it('is the same for any two spellings of one string, and only then', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        const escaped = `"${[...one]
          .flatMap((each) => each.split(''))
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join('')}"`;
        expect(idKey(escaped)).toBe(idKey(JSON.stringify(one)));
        expect(idKey(JSON.stringify(one)) === idKey(JSON.stringify(other))).toBe(one === other);
      }),
    );
  });
});

describe('isIntegerSpelling', () => {
  it.each(['0', '-0', '1.0', '1e400', '15e-1', '1.5', '1.5e1', '1e-1', '0e-5', '0.0'])('of %s', (text) => {
    expect(isIntegerSpelling(text)).toBe(!['15e-1', '1.5', '1e-1'].includes(text));
  });
});
