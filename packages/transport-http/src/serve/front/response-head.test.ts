import { describe, expect, it } from 'vitest';
import { ResponseHeads } from './response-head.ts';

describe('the head of a response', () => {
  it('says what node:http says beside the headers it is given', () => {
    const date = /Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/;
    const heads = new ResponseHeads(5_000);
    expect(heads.write(200, ['a', 'b', 'c', 'd'], false).replace(date, 'DATE ')).toBe(
      'HTTP/1.1 200 OK\r\na: b\r\nc: d\r\nDATE Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n',
    );
    expect(heads.write(404, [], true, 'X: y\r\n').replace(date, 'DATE ')).toBe(
      'HTTP/1.1 404 Not Found\r\nDATE Connection: close\r\nX: y\r\n\r\n',
    );
    expect(new ResponseHeads(0).write(204, [], false).replace(date, 'DATE ')).toBe(
      'HTTP/1.1 204 No Content\r\nDATE Connection: keep-alive\r\n\r\n',
    );
  });

  it.each(['a\r\nb: c', 'a\nb', 'a\0', '\u{201c}a\u{201d}'])('does not let a value out of its line: %j', (value) => {
    expect(() => new ResponseHeads(0).write(200, ['x', value], false)).toThrow(TypeError);
  });
});
