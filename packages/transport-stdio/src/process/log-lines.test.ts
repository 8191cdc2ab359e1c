import { expect, test } from 'vitest';
import { LogLines } from './log-lines.ts';

function logged(options: { maxLinesPerSecond?: number; tailLines?: number } = {}) {
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const log = new LogLines({ ...options, onLine: (line) => lines.push(line), now: () => clock.nowMs });
  return { log, lines, clock };
}

test('passes on whole lines, the last one without its end too', () => {
  const { log, lines } = logged();
  log.push(Buffer.from('one\ntw'));
  log.push(Buffer.from('o\nthree'));
  expect(lines).toEqual(['one', 'two']);
  log.end();
  expect(lines).toEqual(['one', 'two', 'three']);
});

test('cuts a line at 8 KiB', () => {
  const { log, lines } = logged();
  log.push(Buffer.from(`${'x'.repeat(20_000)}\nnext\n`));
  expect(lines.map((line) => line.length)).toEqual([8_192, 4]);
});

test('passes on so many lines a second, and says how many it dropped', () => {
  const { log, lines, clock } = logged({ maxLinesPerSecond: 2 });
  log.push(Buffer.from('1\n2\n3\n4\n5\n'));
  expect(lines).toEqual(['1', '2']);
  clock.nowMs = 1_000;
  log.push(Buffer.from('6\n'));
  expect(lines).toEqual(['1', '2', '(3 more lines dropped)', '6']);
});

test('keeps the last lines only, dropped ones included', () => {
  const { log } = logged({ maxLinesPerSecond: 1, tailLines: 2 });
  log.push(Buffer.from('1\n2\n3\n4\n'));
  expect(log.tail()).toEqual(['3', '4']);
});

test('replaces what is no UTF-8', () => {
  const { log, lines } = logged();
  log.push(Uint8Array.of(0x61, 0xff, 0x0a));
  expect(lines).toEqual(['a\u{FFFD}']);
});
