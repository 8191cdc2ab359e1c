import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNamePattern } from './name-pattern.ts';

describe('a pattern of names', () => {
  it.each([
    ['files__read', 'files__read'],
    ['files__*', 'files__'],
    ['*', ''],
    ['*__read_*', 'files__read_file'],
    ['a*a', 'aa'],
    ['a*b*c', 'a_b_b_c'],
    ['**', 'x'],
  ])('%s fits %j', (pattern, name) => {
    expect(readNamePattern(pattern)(name)).toBe(true);
  });

  it.each([
    ['files__read', 'files__read_file'],
    ['files__read', 'Files__read'],
    ['files__*', 'files_'],
    ['a*a', 'a'],
    ['a*bc*c', 'abc'],
    ['', 'x'],
  ])('%s does not fit %j', (pattern, name) => {
    expect(readNamePattern(pattern)(name)).toBe(false);
  });

  it('agrees with a regular expression', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*]{0,6}$/), fc.stringMatching(/^[ab]{0,8}$/), (pattern, name) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);
        expect(readNamePattern(pattern)(name)).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });
});
