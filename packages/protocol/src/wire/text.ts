const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BACKSLASH = 0x5c;

/** `bytes`: valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function encodeUtf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** The text of `bytes[start, end)`, valid UTF-8; quick where it is short and ASCII. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > shortBytes) return decoder.decode(bytes.subarray(start, end));
  for (let pos = start; pos < end; pos += 1)
    if ((bytes[pos] ?? 0) > 0x7f) return decoder.decode(bytes.subarray(start, end));
  if (length > tinyBytes && Buffer.isBuffer(bytes)) return bytes.toString('latin1', start, end);
  let text = '';
  for (let pos = start; pos < end; pos += 1) text += String.fromCharCode(bytes[pos] ?? 0);
  return text;
}

const shortBytes = 64;
/** Up to here a loop is quicker than leaving JavaScript. */
const tinyBytes = 6;

/** What the JSON string in `bytes[start, end)`, quotes included, stands for. */
export function stringAt(bytes: Uint8Array, start: number, end: number): string {
  if (!hasEscape(bytes, start, end)) return textAt(bytes, start + 1, end - 1);
  const value: unknown = JSON.parse(decoder.decode(bytes.subarray(start, end)));
  return typeof value === 'string' ? value : '';
}

export function hasEscape(bytes: Uint8Array, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos += 1) if (bytes[pos] === BACKSLASH) return true;
  return false;
}

/** Whether `bytes` hold `text`, all ASCII, at `at`; false for a text that is not. */
export function isAsciiAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f || bytes[at + index] !== unit) return false;
  }
  return true;
}

/** The parts one after the other; a single one itself. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
