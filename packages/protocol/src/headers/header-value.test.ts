import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue, trimHeaderValue } from './header-value.ts';

const headerSafe = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

describe('encodeHeaderValue', () => {
  it.each([
    ['us-west1', 'us-west1'],
    ['a b\tc', 'a b\tc'],
    ['file:///a%20b', 'file:///a%20b'],
    ['', '=?base64??='],
    [' us-west1 ', '=?base64?IHVzLXdlc3QxIA==?='],
    ['tab\t', '=?base64?dGFiCQ==?='],
    ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
    ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
    ['=?base64?SGVsbG8=?=', '=?base64?PT9iYXNlNjQ/U0dWc2JHOD0/PQ==?='],
    ['=?base64?=', '=?base64?PT9iYXNlNjQ/PQ==?='],
    ['=?BASE64?SGVsbG8=?=', '=?BASE64?SGVsbG8=?='],
    ['=?base64?SGVsbG8=', '=?base64?SGVsbG8='],
    ['\u{feff}bom', '=?base64?77u/Ym9t?='],
  ])('writes %j as %j', (value, header) => {
    expect(encodeHeaderValue(value)).toBe(header);
    expect(decodeHeaderValue(header)).toBe(value);
  });

  it('writes something that a header can carry, and that reads back, for every string', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.string().map((inner) => `=?base64?${inner}?=`),
    );
    fc.assert(
      fc.property(value, (value) => {
        const header = encodeHeaderValue(value);
        expect(header).toMatch(headerSafe);
        expect(decodeHeaderValue(header)).toBe(value.toWellFormed());
      }),
    );
  });
});

describe('decodeHeaderValue', () => {
  it.each([
    ['padding that is missing', '=?base64?SGVsbG8?='],
    ['characters outside the alphabet', '=?base64?SGVs!!!bG8=?='],
    ['the URL alphabet', '=?base64?_-8=?='],
    ['white space inside', '=?base64?SGVs bG8=?='],
    ['bytes that are no UTF-8', '=?base64?/w==?='],
    ['a surrogate in UTF-8', '=?base64?7aCA?='],
    ['characters beyond ASCII', 'caf\u{e9}'],
    ['control characters', 'a\u{7f}b'],
  ])('refuses %s', (_what, header) => {
    expect(decodeHeaderValue(header)).toBeUndefined();
  });

  it.each(['SGVsbG8=', '=?base64?SGVsbG8=', 'SGVsbG8=?=', '=?Base64?SGVsbG8=?=', '=?base64?='])(
    'takes %j literally',
    (header) => {
      expect(decodeHeaderValue(header)).toBe(header);
    },
  );

  it('drops white space around the value, which HTTP does not count as part of it', () => {
    expect(decodeHeaderValue(' \t=?base64?SGVsbG8=?=  ')).toBe('Hello');
    expect(trimHeaderValue('\t x y \t')).toBe('x y');
    expect(trimHeaderValue('  ')).toBe('');
  });
});
