/** In characters, and in values that are written for one. */
const longest = 2 ** 15;
/** What lies deeper is written in one go. */
const deepest = 64;

/** Whether a value is so long as JSON that to write it may take a millisecond. Looks at no more of it than that. */
export function isLong(value: unknown): boolean {
  return lengthLeft(value, longest, 0) < 0;
}

/** What `JSON.stringify` makes of an object, in pieces, none of which takes long. Throws what that throws. */
export function* jsonPieces(value: unknown, depth = 0): Generator<string, void> {
  if (depth > deepest || !isLong(value)) {
    yield JSON.stringify(value);
    return;
  }
  // To list the members of an object that has many takes some milliseconds, and it was done once already.
  yield '';
  if (typeof value === 'string') yield* textPieces(value);
  else if (isList(value)) {
    for (let at = 0; at < value.length; at += 1) {
      yield at === 0 ? '[' : ',';
      if (isLeftOut(value[at])) yield 'null';
      else yield* jsonPieces(value[at], depth + 1);
    }
    yield ']';
  } else if (isPlain(value)) {
    let before = '{';
    for (const key of Object.keys(value)) {
      if (isLeftOut(value[key])) continue;
      yield `${before}${JSON.stringify(key)}:`;
      before = ',';
      yield* jsonPieces(value[key], depth + 1);
    }
    yield before === '{' ? '{}' : '}';
  } else yield JSON.stringify(value);
}

function* textPieces(text: string): Generator<string, void> {
  yield '"';
  for (let from = 0, end = 0; from < text.length; from = end) {
    end = Math.min(text.length, from + longest);
    // Halves of a letter are written otherwise than the whole.
    if (end < text.length && isHighHalf(text.charCodeAt(end - 1))) end += 1;
    yield JSON.stringify(text.slice(from, end)).slice(1, -1);
  }
  yield '"';
}

/** Negative where it is too long. */
function lengthLeft(value: unknown, length: number, depth: number): number {
  if (typeof value === 'string') return length - value.length;
  if (typeof value !== 'object' || value === null) return length - 1;
  if (depth > deepest) return -1;
  let left = length - 1;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length && left >= 0; at += 1) left = lengthLeft(value[at], left, depth + 1);
    return left;
  }
  for (const key in value) {
    left = lengthLeft((value as Readonly<Record<string, unknown>>)[key], left - key.length, depth + 1);
    if (left < 0) return left;
  }
  return left;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && !('toJSON' in value);
}

/** Written as its members are, and by nothing of its own. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What JSON has no words for: an object goes without it, a list has `null` for it. */
function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function isHighHalf(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
