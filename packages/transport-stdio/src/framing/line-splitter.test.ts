import { describe, expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

function split(maxLineBytes: number, ...chunks: readonly string[]): { lines: string[]; rest: string | undefined } {
  const splitter = new LineSplitter(maxLineBytes);
  const lines: string[] = [];
  for (const chunk of chunks) {
    splitter.push(Buffer.from(chunk));
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) {
      lines.push(Buffer.from(line.bytes).toString() + (line.cut ? '…' : ''));
    }
  }
  const rest = splitter.rest();
  return { lines, rest: rest && Buffer.from(rest.bytes).toString() };
}

describe('LineSplitter', () => {
  test('finds the same lines wherever the stream is cut into chunks', () => {
    const stream = '{"a":1}\n{"b":2}\r\n\n\r\n{"c":"\u{1F680}"}\n';
    const expected = ['{"a":1}', '{"b":2}', '{"c":"\u{1F680}"}'];
    const bytes = Buffer.from(stream);
    for (let size = 1; size <= bytes.length; size++) {
      const splitter = new LineSplitter(100);
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        splitter.push(bytes.subarray(at, at + size));
        for (let line = splitter.next(); line !== undefined; line = splitter.next())
          lines.push(Buffer.from(line.bytes).toString());
      }
      expect(lines).toEqual(expected);
    }
  });

  test('keeps what has no line end yet', () => {
    expect(split(100, 'one\ntw')).toEqual({ lines: ['one'], rest: 'tw' });
  });

  test('a line of exactly the bound passes, with LF and with CRLF', () => {
    expect(split(4, 'abcd\nabcd\r\n').lines).toEqual(['abcd', 'abcd']);
    expect(split(4, 'ab', 'cd\r', '\n').lines).toEqual(['abcd']);
  });

  test('a line over the bound is reported once, cut, and its rest is skipped', () => {
    expect(split(4, 'abcde\nok\n').lines).toEqual(['abcd…', 'ok']);
    expect(split(4, 'ab', 'cdefg', 'hij', 'klm\nok\n').lines).toEqual(['abcd…', 'ok']);
  });

  test('a line over the bound is reported before it ends', () => {
    expect(split(4, 'abcdefgh').lines).toEqual(['abcd…']);
  });

  test('a line that comes in many chunks is joined once: 64 MiB in 64 KiB pieces take less than two seconds', () => {
    const splitter = new LineSplitter(128 * 1024 * 1024);
    const piece = Buffer.alloc(64 * 1024, 0x61);
    const beganMs = performance.now();
    for (let count = 0; count < 1_024; count++) {
      splitter.push(piece);
      expect(splitter.next()).toBeUndefined();
    }
    splitter.push(Buffer.from('\n'));
    expect(splitter.next()?.bytes.length).toBe(64 * 1024 * 1024);
    expect(performance.now() - beganMs).toBeLessThan(2_000);
  });
});
