import { HeaderFields, nameCode } from './header-fields.ts';

/** The head of an ordinary request. */
export interface RequestHead {
  readonly path: string;
  readonly fields: HeaderFields;
  /** Where the body begins, and how long it is. */
  readonly bodyAt: number;
  readonly bodyBytes: number;
  /** Whether the connection ends with the response. */
  readonly closes: boolean;
}

/** A longer head is none of ours; `node:http` takes 32 KiB. */
export const maxHeadBytes = 16_384;
const maxFields = 64;
const method = 'POST ';
const version = ' HTTP/1.1\r\n';
/** What changes where a request ends, or wants more than an answer; and what is no plain string among node's headers. */
const foreignNames = ['transfer-encoding', 'expect', 'upgrade', 'proxy-connection', 'set-cookie'];

/**
 * Reads the head at the beginning of what a client sent, as single bytes: `more` where it goes on, `foreign` where it is not for us to judge.
 *
 * Only what can be understood in one way is taken: `POST`, HTTP/1.1, CRLF at every end of line, printable ASCII, no name twice, a `Host`, a `Content-Length` of plain
 * digits, and nothing that changes the framing. All of it means the same to the parser of `node:http`, which gets everything else; so no request ends at another place
 * here than there, and nothing can be smuggled past the one by means of the other (RFC 9112 §11.2).
 */
export function readRequestHead(text: string): RequestHead | 'more' | 'foreign' {
  const unfinished = text.length < maxHeadBytes ? 'more' : 'foreign';
  if (!text.startsWith(method)) return method.startsWith(text) ? 'more' : 'foreign';
  let at = method.length;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === space) break;
    if (Number.isNaN(code)) return unfinished;
    if (code < 0x21 || code > 0x7e) return 'foreign';
    at += 1;
  }
  const path = text.slice(method.length, at);
  if (!text.startsWith(version, at)) return version.startsWith(text.slice(at)) ? unfinished : 'foreign';
  at += version.length;

  const fields = new HeaderFields(text);
  for (;;) {
    const nameAt = at;
    let code = text.charCodeAt(at);
    while (nameCode(code) !== 0) code = text.charCodeAt((at += 1));
    const nameEnd = at;
    if (Number.isNaN(code)) return unfinished;
    if (nameEnd === nameAt) {
      if (code !== carriageReturn) return 'foreign';
      if (at + 1 === text.length) return unfinished;
      return text.charCodeAt(at + 1) === lineFeed ? accept(path, fields, at + 2) : 'foreign';
    }
    if (code !== colon) return 'foreign';
    code = text.charCodeAt((at += 1));
    while (code === space || code === tab) code = text.charCodeAt((at += 1));
    const valueAt = at;
    let valueEnd = at;
    while ((code >= space && code <= 0x7e) || code === tab) {
      at += 1;
      if (code !== space && code !== tab) valueEnd = at;
      code = text.charCodeAt(at);
    }
    if (Number.isNaN(code) || (code === carriageReturn && at + 1 === text.length)) return unfinished;
    if (code !== carriageReturn || text.charCodeAt(at + 1) !== lineFeed) return 'foreign';
    if (fields.count === maxFields || !fields.add(nameAt, nameEnd, valueAt, valueEnd)) return 'foreign';
    at += 2;
  }
}

const space = 0x20;
const tab = 0x09;
const colon = 0x3a;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const digits = /^(?:0|[1-9]\d{0,8})$/;

function accept(path: string, fields: HeaderFields, bodyAt: number): RequestHead | 'foreign' {
  const length = fields.get('content-length');
  if (length === undefined || !digits.test(length) || fields.get('host') === undefined) return 'foreign';
  for (const name of foreignNames) if (fields.get(name) !== undefined) return 'foreign';
  const connection = fields.get('connection')?.toLowerCase();
  if (connection !== undefined && connection !== 'keep-alive' && connection !== 'close') return 'foreign';
  return { path, fields, bodyAt, bodyBytes: Number(length), closes: connection === 'close' };
}
