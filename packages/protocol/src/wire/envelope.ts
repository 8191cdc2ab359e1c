import { ToolyardError } from '../errors/toolyard-error.ts';
import type { MessageId } from '../pipe.ts';
import { defaultMaxDepth, defaultMaxIdBytes, type WireLimits } from './limits.ts';
import { isIntegerSpelling } from './message-id.ts';
import { RawObject } from './raw-object.ts';
import { Scanner } from './scanner.ts';
import { hasEscape, isAsciiAt, stringAt, textAt } from './text.ts';

/** One JSON-RPC 2.0 message, its payload verbatim. */
export type Envelope = RequestEnvelope | NotificationEnvelope | ResultEnvelope | ErrorEnvelope;

export interface RequestEnvelope {
  readonly kind: 'request';
  readonly id: MessageId;
  readonly method: string;
  /** `{}` where the sender left it out. */
  readonly params: RawObject;
}

export interface NotificationEnvelope {
  readonly kind: 'notification';
  readonly method: string;
  /** `{}` where the sender left it out. */
  readonly params: RawObject;
}

export interface ResultEnvelope {
  readonly kind: 'result';
  readonly id: MessageId;
  readonly result: RawObject;
}

export interface ErrorEnvelope {
  readonly kind: 'error';
  /** `undefined` where the sender could not tell which request it answers (absent or null). */
  readonly id: MessageId | undefined;
  /** Has an integer `code` and a string `message`. */
  readonly error: RawObject;
}

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const maxCodeBytes = 64;

/**
 * Reads one message (JSON-RPC 2.0 as MCP narrows it: `params` and `result` are objects, ids are strings or integers and never null).
 *
 * One pass over `bytes`, which are kept, not copied: never write to them afterwards. The whole JSON grammar is checked, so nothing malformed
 * passes on: exactly what `JSON.parse` takes is taken, up to `limits`. Unknown members of the envelope are tolerated and not kept.
 *
 * Throws `PARSE_ERROR` where it is not JSON in UTF-8 (a byte order mark is not), `INVALID_REQUEST` where it is no message: also where a member of
 * the envelope stands twice, and for a batch. Revision 2025-03-26 alone has batches: its door splits them (`elements` of `readJson`)
 * and reads each message by itself.
 */
export function readEnvelope(bytes: Uint8Array, limits: WireLimits = {}): Envelope {
  const scan = scanEnvelope(bytes, limits.maxDepth ?? defaultMaxDepth);
  if (scan.twice !== undefined) throw invalid(`the member "${scan.twice}" stands twice`);
  if (scan.jsonrpc === undefined || !isVersion2(bytes, scan.jsonrpc))
    throw invalid('"jsonrpc" must be "2.0"', scan.jsonrpc);
  const id = readId(bytes, scan.id, limits.maxIdBytes ?? defaultMaxIdBytes);
  if (scan.method !== undefined) {
    const method = stringIn(bytes, scan.method);
    if (method === undefined) throw invalid('"method" must be a string', scan.method);
    if (scan.result !== undefined || scan.error !== undefined)
      throw invalid('a message with "method" has neither "result" nor "error"');
    const params = scan.params === undefined ? RawObject.empty : objectIn(bytes, scan.params, 'params');
    if (scan.id === undefined) return { kind: 'notification', method, params };
    if (id === undefined) throw invalid('"id" must not be null', scan.id);
    return { kind: 'request', id, method, params };
  }
  if (scan.result !== undefined) {
    if (scan.error !== undefined) throw invalid('a response has either "result" or "error"');
    if (id === undefined) throw invalid('a result needs an "id"', scan.id);
    return { kind: 'result', id, result: objectIn(bytes, scan.result, 'result') };
  }
  if (scan.error !== undefined) {
    const error = objectIn(bytes, scan.error, 'error');
    checkError(error, scan.error);
    return { kind: 'error', id, error };
  }
  throw invalid('there is neither "method", "result" nor "error"');
}

/**
 * The id of a message that `readEnvelope` rejected, so that the answer can name it; `undefined` where it has no usable one.
 * Throws nothing.
 */
export function salvageId(bytes: Uint8Array, limits: WireLimits = {}): MessageId | undefined {
  try {
    const scan = scanEnvelope(bytes, limits.maxDepth ?? defaultMaxDepth);
    return scan.twice === 'id' ? undefined : readId(bytes, scan.id, limits.maxIdBytes ?? defaultMaxIdBytes);
  } catch (error) {
    if (ToolyardError.is(error)) return undefined;
    throw error;
  }
}

/** Where a member's value is. */
interface Range {
  readonly start: number;
  readonly end: number;
  /** Of its own members, where it is an object. */
  readonly spans: readonly number[] | undefined;
}

type EnvelopeMember = 'jsonrpc' | 'id' | 'method' | 'params' | 'result' | 'error';

interface EnvelopeScan {
  jsonrpc: Range | undefined;
  id: Range | undefined;
  method: Range | undefined;
  params: Range | undefined;
  result: Range | undefined;
  error: Range | undefined;
  twice: EnvelopeMember | undefined;
}

function scanEnvelope(bytes: Uint8Array, maxDepth: number): EnvelopeScan {
  const scanner = new Scanner(bytes, maxDepth);
  const start = scanner.space(0);
  if (bytes[start] !== OPEN_OBJECT) {
    scanner.finish(scanner.value(start, 0));
    throw invalid(bytes[start] === 0x5b ? 'batches are not supported' : 'a message is a JSON object');
  }
  const scan: EnvelopeScan = {
    jsonrpc: undefined,
    id: undefined,
    method: undefined,
    params: undefined,
    result: undefined,
    error: undefined,
    twice: undefined,
  };
  let pos = scanner.space(start + 1);
  if (bytes[pos] !== 0x7d) {
    for (;;) {
      pos = scanner.space(scanMember(scanner, bytes, pos, scan));
      if (bytes[pos] === 0x7d) break;
      if (bytes[pos] !== 0x2c) scanner.fail(pos);
      pos = scanner.space(pos + 1);
    }
  }
  scanner.finish(pos + 1);
  return scan;
}

function scanMember(scanner: Scanner, bytes: Uint8Array, at: number, scan: EnvelopeScan): number {
  const nameEnd = scanner.string(at);
  const name = envelopeMember(bytes, at, nameEnd);
  const start = scanner.colon(nameEnd);
  let spans: number[] | undefined;
  let end: number;
  if (bytes[start] === OPEN_OBJECT && (name === 'params' || name === 'result' || name === 'error')) {
    spans = [];
    end = scanner.members(start, 1, spans);
  } else end = scanner.value(start, 1);
  if (name !== undefined) {
    if (scan[name] === undefined) scan[name] = { start, end, spans };
    else scan.twice ??= name;
  }
  return end;
}

/** Names are compared as what they stand for: `"\u0069d"` is `id`. */
function envelopeMember(bytes: Uint8Array, start: number, end: number): EnvelopeMember | undefined {
  const at = start + 1;
  switch (end - start - 2) {
    case 2:
      return isAsciiAt(bytes, at, 'id') ? 'id' : undefined;
    case 5:
      return isAsciiAt(bytes, at, 'error') ? 'error' : undefined;
    case 6:
      if (isAsciiAt(bytes, at, 'params')) return 'params';
      if (isAsciiAt(bytes, at, 'method')) return 'method';
      if (isAsciiAt(bytes, at, 'result')) return 'result';
      break;
    case 7:
      if (isAsciiAt(bytes, at, 'jsonrpc')) return 'jsonrpc';
      break;
  }
  // The shortest name with an escape has 7 bytes between its quotes, the longest 42; a byte that is not ASCII is in none of these names.
  if (end - at < 8 || end - at > 43 || !hasEscape(bytes, start, end) || !isAllAscii(bytes, start, end))
    return undefined;
  const name = stringAt(bytes, start, end);
  return envelopeMembers.find((each) => each === name);
}

const envelopeMembers: readonly EnvelopeMember[] = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

function isAllAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos += 1) if ((bytes[pos] ?? 0) > 0x7f) return false;
  return true;
}

function isVersion2(bytes: Uint8Array, range: Range): boolean {
  return (range.end - range.start === 5 && isAsciiAt(bytes, range.start, '"2.0"')) || stringIn(bytes, range) === '2.0';
}

function stringIn(bytes: Uint8Array, range: Range): string | undefined {
  return bytes[range.start] === QUOTE ? stringAt(bytes, range.start, range.end) : undefined;
}

function objectIn(bytes: Uint8Array, range: Range, member: EnvelopeMember): RawObject {
  if (range.spans === undefined) throw invalid(`"${member}" must be an object`, range);
  return new RawObject(bytes.subarray(range.start, range.end), range.spans, range.start);
}

/** `undefined` where it is absent or null. */
function readId(bytes: Uint8Array, range: Range | undefined, maxBytes: number): MessageId | undefined {
  if (range === undefined) return undefined;
  if (range.end - range.start > maxBytes) throw invalid(`"id" is longer than ${String(maxBytes)} bytes`, range);
  const text = textAt(bytes, range.start, range.end);
  if (text === 'null') return undefined;
  if (bytes[range.start] !== QUOTE && !isIntegerSpelling(text))
    throw invalid('"id" must be a string or an integer', range);
  return text;
}

function checkError(error: RawObject, range: Range): void {
  const code = error.member('code');
  if (code === undefined || code.bytes.length > maxCodeBytes || !isIntegerSpelling(code.text))
    throw invalid('"error.code" must be an integer', range);
  if (error.string('message') === undefined) throw invalid('"error.message" must be a string', range);
}

function invalid(reason: string, at?: { readonly start: number } | undefined): ToolyardError<'INVALID_REQUEST'> {
  const facts = at === undefined ? { reason } : { reason, offset: at.start };
  return new ToolyardError('INVALID_REQUEST', facts, `Invalid request: ${reason}.`);
}
