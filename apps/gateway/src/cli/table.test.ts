import { describe, expect, it } from 'vitest';

import { oneLine, printable, table } from './table.ts';

describe('table', () => {
  it('lines columns up', () => {
    expect(
      table(
        ['server', 'tools'],
        [
          ['a', '10'],
          ['files', ''],
        ],
      ),
    ).toBe('server  tools\na       10\nfiles');
  });
});

describe('text of a server', () => {
  it('becomes one line without control characters', () => {
    expect(oneLine('a\n\n  b\u001b[31mred\u202e')).toBe('a b [31mred');
    expect(oneLine('x'.repeat(200))).toHaveLength(100);
  });

  it('may have several lines where it is printed whole, but steers no terminal', () => {
    expect(printable('a\n\tb\u001b]0;title\u0007')).toBe('a\n\tb]0;title');
  });
});
