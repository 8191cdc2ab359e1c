import { concat, encodeUtf8 } from '../../wire/text.ts';

const head = encodeUtf8('event: message\ndata: ');
const nextLine = encodeUtf8('\ndata: ');
const tail = encodeUtf8('\n\n');
const LF = 0x0a;
const CR = 0x0d;

/** One message as a server-sent event. Line breaks, which in JSON are white space between tokens, become further `data` lines. */
export function eventFrame(message: Uint8Array): Uint8Array {
  if (message.indexOf(LF) < 0 && message.indexOf(CR) < 0) return concat([head, message, tail]);
  const parts: Uint8Array[] = [head];
  let start = 0;
  for (let pos = 0; pos < message.length; pos += 1) {
    const byte = message[pos];
    if (byte !== LF && byte !== CR) continue;
    parts.push(message.subarray(start, pos), nextLine);
    if (byte === CR && message[pos + 1] === LF) pos += 1;
    start = pos + 1;
  }
  parts.push(message.subarray(start), tail);
  return concat(parts);
}
