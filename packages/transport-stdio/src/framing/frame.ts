const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/**
 * One message as one line, without the line end. JSON allows raw line breaks only between tokens (RFC 8259 §7), so a space says the same.
 * Bytes that need no change are not copied.
 */
export function singleLine(message: Uint8Array): Uint8Array {
  if (message.indexOf(newline) < 0 && message.indexOf(carriageReturn) < 0) {
    return message;
  }
  const line = new Uint8Array(message);
  blank(line, newline);
  blank(line, carriageReturn);
  return line;
}

function blank(line: Uint8Array, byte: number): void {
  for (let at = line.indexOf(byte); at >= 0; at = line.indexOf(byte, at + 1)) {
    line[at] = space;
  }
}

/** Up to this size a message and its line end are copied into one buffer; beyond it the copy costs more than a second buffer. */
const copyUpToBytes = 32 * 1024;
const lineEnd = Uint8Array.of(newline);

/** The buffers to write for one message, in order. */
export function frame(message: Uint8Array): readonly Uint8Array[] {
  const line = singleLine(message);
  if (line.length > copyUpToBytes) {
    return [line, lineEnd];
  }
  const framed = Buffer.allocUnsafe(line.length + 1);
  framed.set(line);
  framed[line.length] = newline;
  return [framed];
}
