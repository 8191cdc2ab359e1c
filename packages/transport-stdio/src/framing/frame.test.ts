import { expect, test } from 'vitest';
import { frame, singleLine } from './frame.ts';

const written = (message: string | Uint8Array): string => Buffer.concat(frame(Buffer.from(message))).toString();

test('a message ends with one line feed', () => {
  expect(written('{"jsonrpc":"2.0"}')).toBe('{"jsonrpc":"2.0"}\n');
});

test('line breaks between tokens become spaces, so that pretty-printed JSON is one line', () => {
  expect(written('{\r\n  "a": "x\\ny",\n  "b": 1\r}\n')).toBe('{    "a": "x\\ny",   "b": 1 } \n');
});

test('the bytes that were given are never altered', () => {
  const message = Buffer.from('{\n}');
  singleLine(message);
  expect(message.toString()).toBe('{\n}');
});

test('a large message is not copied', () => {
  const message = new Uint8Array(100_000).fill(0x20);
  expect(frame(message)[0]).toBe(message);
});
