import type { MessageId } from '../pipe.ts';
import type { RawObject } from './raw-object.ts';

/** `id`: as `readEnvelope` gives it, or any JSON text of a string or an integer. */
export function encodeRequest(id: MessageId, method: string, params: RawObject): Uint8Array {
  return message(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":`, params);
}

export function encodeNotification(method: string, params: RawObject): Uint8Array {
  return message(`{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":`, params);
}

export function encodeResult(id: MessageId, result: RawObject): Uint8Array {
  return message(`{"jsonrpc":"2.0","id":${id},"result":`, result);
}

/** `id` is left out where it is not known: MCP, unlike JSON-RPC, has no null there. */
export function encodeError(id: MessageId | undefined, error: RawObject): Uint8Array {
  return message(id === undefined ? '{"jsonrpc":"2.0","error":' : `{"jsonrpc":"2.0","id":${id},"error":`, error);
}

function message(head: string, payload: RawObject): Uint8Array {
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(headBytes + payload.bytes.length + 1);
  bytes.write(head, 0);
  bytes.set(payload.bytes, headBytes);
  bytes[bytes.length - 1] = 0x7d;
  return bytes;
}
