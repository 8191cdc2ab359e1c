import { concat, encodeUtf8 } from '../../wire/text.ts';

const head = encodeUtf8('event: message\ndata: ');
const nextLine = encodeUtf8('\ndata: ');
const tail = encodeUtf8('\n\n');
const LF = 0x0a;
const CR = 0x0d;

/**
 * One message as a server-sent event. Line breaks, which in JSON are white space between tokens, become further `data` lines.
 * `id`: by which a client can say where it was; without line breaks.
 */
export function eventFrame(message: Uint8Array, id?: string): Uint8Array {
  const first = id === undefined ? head : concat([encodeUtf8(`id: ${id}\n`), head]);
  if (message.indexOf(LF) < 0 && message.indexOf(CR) < 0) return concat([first, message, tail]);
  const parts: Uint8Array[] = [first];
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

/** An event without a message: from `id` on the stream can be gone on with, `retryMs` after it ended (spec 2025-11-25: basic/transports). */
export function primerFrame(id: string, retryMs: number): Uint8Array {
  return encodeUtf8(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);
}
