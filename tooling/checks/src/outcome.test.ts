import { describe, expect, it } from 'vitest';
import { countLine, readCountLine } from './outcome.ts';

describe('the count line', () => {
  it('names skips only if there are any', () => {
    expect(countLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(countLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });

  it('is read from the end of what a program printed', () => {
    expect(readCountLine('9 passed, 9 failed\nmore\n37 passed, 1 failed\n')).toEqual({
      passed: 37,
      failed: 1,
      skipped: 0,
    });
    expect(readCountLine('1 passed, 0 failed, 4 skipped')).toEqual({ passed: 1, failed: 0, skipped: 4 });
  });

  it.each(['', 'done', '3 passed', '3 passed, 1 failed and more', '3 passed, 1 failed\nbye'])(
    'is not read from %j',
    (text) => {
      expect(readCountLine(text)).toBeUndefined();
    },
  );
});
