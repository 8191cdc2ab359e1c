import { describe, expect, it } from 'vitest';
import { maxHeadBytes, readRequestHead } from './request-head.ts';

const line = 'POST /mcp HTTP/1.1\r\n';
const framed = 'Host: a:1\r\nContent-Length: 12\r\n';
const head = (fields: string, first = line): string => `${first}${framed}${fields}\r\n`;

describe('the head of a request', () => {
  it('is read with its fields, whatever follows', () => {
    const text = head('Accept:text/plain\r\nX-A:  two words\t \r\nX_b: \r\nConnection: Keep-Alive\r\n');
    const read = readRequestHead(`${text}{"any": 1}\r\nmore`);
    if (typeof read === 'string') throw new Error(read);
    expect(read).toMatchObject({ path: '/mcp', bodyAt: text.length, bodyBytes: 12, closes: false });
    expect(['host', 'accept', 'x-a', 'x_b', 'x-b', 'content-length'].map((name) => read.fields.get(name))).toEqual([
      'a:1',
      'text/plain',
      'two words',
      '',
      undefined,
      '12',
    ]);
    expect(read.fields.all()).toEqual({
      host: 'a:1',
      'content-length': '12',
      accept: 'text/plain',
      'x-a': 'two words',
      x_b: '',
      connection: 'Keep-Alive',
    });
  });

  it('says when the connection ends with the response', () => {
    expect(readRequestHead(head('connection: CLOSE\r\n'))).toMatchObject({ closes: true });
  });

  it('goes on wherever it is cut off', () => {
    const whole = head('Accept: */*\r\nconnection: close\r\n');
    for (let length = 1; length < whole.length; length += 1)
      expect([length, readRequestHead(whole.slice(0, length))]).toEqual([length, 'more']);
    expect(readRequestHead(whole)).toMatchObject({ bodyAt: whole.length });
  });

  it.each([
    ['another method', head('', 'GET /mcp HTTP/1.1\r\n')],
    ['a method in small letters', head('', 'post /mcp HTTP/1.1\r\n')],
    ['another version', head('', 'POST /mcp HTTP/1.0\r\n')],
    ['no version', head('', 'POST /mcp\r\n')],
    ['two spaces', head('', 'POST /mcp  HTTP/1.1\r\n')],
    ['a tab for a space', head('', 'POST /mcp\tHTTP/1.1\r\n')],
    ['a target that is not ASCII', head('', 'POST /m\xe9 HTTP/1.1\r\n')],
    ['an empty line first', `\r\n${head('')}`],
    ['a bare LF after the first line', head('', 'POST /mcp HTTP/1.1\n')],
    ['a bare LF after a field', head('x: y\n')],
    ['a bare CR in a field', head('x: y\rz: 1\r\n')],
    ['a bare LF at the end', `${line}${framed}\n`],
    ['a bare CR at the end', `${line}${framed}\r\r\n`],
    ['a field that goes on in the next line', head('x: y\r\n z\r\n')],
    ['a space before the first field', `${line} ${framed}\r\n`],
    ['a space before a colon', head('x : y\r\n')],
    ['no colon', head('x\r\n')],
    ['no name', head(': y\r\n')],
    ['a name that is no token', head('x(y): z\r\n')],
    ['a NUL in a value', head('x: a\0b\r\n')],
    ['a DEL in a value', head('x: a\x7fb\r\n')],
    ['a byte beyond ASCII in a value', head('x: \xe9\r\n')],
    ['two hosts', head('host: b\r\n')],
    ['one name twice, in another case', head('x-a: 1\r\nX-A: 1\r\n')],
    ['no host', `${line}Content-Length: 0\r\n\r\n`],
    ['no length', `${line}Host: a\r\n\r\n`],
    ['two lengths', head('content-length: 12\r\n')],
    ['a list of lengths', `${line}Host: a\r\nContent-Length: 3, 3\r\n\r\n`],
    ['a signed length', `${line}Host: a\r\nContent-Length: +3\r\n\r\n`],
    ['a length that begins with a nought', `${line}Host: a\r\nContent-Length: 03\r\n\r\n`],
    ['a hexadecimal length', `${line}Host: a\r\nContent-Length: 0x3\r\n\r\n`],
    ['an empty length', `${line}Host: a\r\nContent-Length:\r\n\r\n`],
    ['a length beyond all measure', `${line}Host: a\r\nContent-Length: 1000000000\r\n\r\n`],
    ['a transfer coding', head('Transfer-Encoding: chunked\r\n')],
    ['an expectation', head('Expect: 100-continue\r\n')],
    ['an upgrade', head('Upgrade: h2c\r\n')],
    ['an option of the connection', head('Connection: keep-alive, upgrade\r\n')],
    ['the connection of a proxy', head('Proxy-Connection: close\r\n')],
    ['what node makes an array of', head('Set-Cookie: a=b\r\n')],
    ['more fields than any client sends', head(Array.from({ length: 63 }, (_, i) => `x-${i}: y\r\n`).join(''))],
    ['the hello of TLS', '\x16\x03\x01\x02\x00\x01\x00'],
    ['a head without end', `${line}x: ${'y'.repeat(maxHeadBytes)}`],
  ])('is left to node:http where there is %s', (_, text) => {
    expect(readRequestHead(text)).toBe('foreign');
  });
});
