import type { MessageId } from '../pipe.ts';
import type { RawObject } from './raw-object.ts';
import { encodeUtf8 } from './text.ts';

const version = encodeUtf8('{"jsonrpc":"2.0",');
const beforeId = encodeUtf8('{"jsonrpc":"2.0","id":');
const beforeMethod = encodeUtf8(',"method":"');
const beforeParams = encodeUtf8('","params":');
const beforeResult = encodeUtf8(',"result":');
const beforeError = encodeUtf8(',"error":');
const notification = encodeUtf8('{"jsonrpc":"2.0","method":"');
const close = encodeUtf8('}');
const nothing = encodeUtf8('');

/** `id`: as `readEnvelope` gives it, or any JSON text of a string or an integer. */
export function encodeRequest(id: MessageId, method: string, params: RawObject): Uint8Array {
  return assemble(beforeId, id, beforeMethod, escaped(method), beforeParams, params);
}

export function encodeNotification(method: string, params: RawObject): Uint8Array {
  return assemble(notification, escaped(method), beforeParams, '', nothing, params);
}

export function encodeResult(id: MessageId, result: RawObject): Uint8Array {
  return assemble(beforeId, id, beforeResult, '', nothing, result);
}

/** A longer result is not copied to stand in its message. */
const longBytes = 32_768;

/** The same in pieces that follow one another. */
export function encodeResultPieces(id: MessageId, result: RawObject): readonly Uint8Array[] {
  if (result.bytes.length <= longBytes) return [encodeResult(id, result)];
  return [encodeUtf8(`{"jsonrpc":"2.0","id":${id},"result":`), result.bytes, close];
}

/** `id` is left out where it is not known: MCP, unlike JSON-RPC, has no null there. */
export function encodeError(id: MessageId | undefined, error: RawObject): Uint8Array {
  return id === undefined
    ? assemble(version, '"error":', nothing, '', nothing, error)
    : assemble(beforeId, id, beforeError, '', nothing, error);
}

/** What stands in the names of methods needs no escapes. */
const plain = /^[\w/.-]*$/;

function escaped(method: string): string {
  return plain.test(method) ? method : JSON.stringify(method).slice(1, -1);
}

/** Writes short texts a unit at a time: a relay does this for every message, and joining strings first takes thrice as long. */
function assemble(
  first: Uint8Array,
  id: string,
  second: Uint8Array,
  method: string,
  third: Uint8Array,
  payload: RawObject,
): Uint8Array {
  const fixed = first.length + second.length + third.length + payload.bytes.length + 1;
  const idBytes = byteLength(id);
  const bytes = Buffer.allocUnsafe(fixed + idBytes + byteLength(method));
  bytes.set(first, 0);
  let at = write(bytes, first.length, id);
  bytes.set(second, at);
  at = write(bytes, at + second.length, method);
  bytes.set(third, at);
  bytes.set(payload.bytes, at + third.length);
  bytes[bytes.length - 1] = 0x7d;
  return bytes;
}

function byteLength(text: string): number {
  if (text.length > 64) return Buffer.byteLength(text);
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}

function write(bytes: Buffer, start: number, text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (at === 64 || unit > 0x7f) return start + at + bytes.write(text.slice(at), start + at);
    bytes[start + at] = unit;
  }
  return start + text.length;
}
