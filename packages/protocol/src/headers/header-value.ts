const prefix = '=?base64?';
const suffix = '?=';

/** RFC 4648 §4, with its padding. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Visible ASCII, with spaces and tabs inside. */
const plain = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const printable = /^[\x20-\x7e\t]*$/;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A string as the value of `Mcp-Name` or `Mcp-Param-*`: itself where a header can carry it, else `=?base64?…?=` around the Base64 of its UTF-8.
 * So are written: the empty string, white space at either end, everything but visible ASCII, space and tab, and what looks like that form
 * itself (spec: basic/transports/streamable-http, value encoding). A lone surrogate, which has no UTF-8, becomes U+FFFD.
 */
export function encodeHeaderValue(value: string): string {
  // The overlap `=?base64?=` too: there are readers that take it for the form.
  if (plain.test(value) && !(value.startsWith(prefix) && value.endsWith(suffix))) return value;
  return `${prefix}${Buffer.from(value, 'utf8').toString('base64')}${suffix}`;
}

/**
 * What a header value stands for; `undefined` where the `=?base64?…?=` form holds no valid Base64 of valid UTF-8, or where there is anything but
 * visible ASCII, space and tab. White space around it is dropped.
 */
export function decodeHeaderValue(header: string): string | undefined {
  const value = trimHeaderValue(header);
  if (!isWrapped(value)) return printable.test(value) ? value : undefined;
  const encoded = value.slice(prefix.length, -suffix.length);
  if (!base64.test(encoded)) return undefined;
  try {
    return decoder.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}

function isWrapped(value: string): boolean {
  return value.length >= prefix.length + suffix.length && value.startsWith(prefix) && value.endsWith(suffix);
}

/** A header value without the optional white space around it, which does not belong to it (RFC 9110 §5.5). */
export function trimHeaderValue(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isSpace(value.charCodeAt(start))) start += 1;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
