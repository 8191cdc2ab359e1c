// AssemblyScript. What `json-wasm.ts` holds is made of this file by `json-wasm.test.ts`.

/** How many containers inside one another are followed: as many bytes from the start of memory hold how each one closes. */
const maxLevels: u32 = 4096;
const isObject: u8 = 0x7d;
const isArray: u8 = 0x5d;

/**
 * Reads one JSON value (RFC 8259), UTF-8 not proved, that holds up to `levels` containers inside one another. Answers the position after it, or 0
 * where it is no such value. A zero byte must follow the text, and memory go on for 64: zero is in no JSON, so no loop asks where the text ends.
 */
export function value(at: usize, levels: u32): usize {
  let level: usize = 0;
  const bound = <usize>min(levels, maxLevels);
  while (true) {
    const byte = load<u8>(at);
    if (byte == 0x22) at = string(at + 1);
    else if (byte == 0x7b || byte == 0x5b) {
      if (level >= bound) return 0;
      const close = byte + 2;
      at = space(at + 1);
      if (load<u8>(at) == close) at += 1;
      else {
        store<u8>(level++, close);
        if (close == isArray) continue;
        at = name(at);
        if (at == 0) return 0;
        continue;
      }
    } else if (byte == 0x74) at = load<u32>(at) == 0x65757274 ? at + 4 : 0;
    else if (byte == 0x66) at = load<u32>(at + 1) == 0x65736c61 ? at + 5 : 0;
    else if (byte == 0x6e) at = load<u32>(at) == 0x6c6c756e ? at + 4 : 0;
    else at = number(at);
    if (at == 0) return 0;

    // After a value: close what ends here, then go on to the next one.
    while (true) {
      if (level == 0) return at;
      at = space(at);
      const next = load<u8>(at++);
      const close = load<u8>(level - 1);
      if (next == 0x2c) {
        at = space(at);
        if (close == isObject) {
          at = name(at);
          if (at == 0) return 0;
        }
        break;
      }
      if (next != close) return 0;
      level--;
    }
  }
}

/** Reads the name of a member and its colon; where its value starts, or 0. */
@inline
function name(at: usize): usize {
  if (load<u8>(at) != 0x22) return 0;
  at = string(at + 1);
  if (at == 0) return 0;
  at = space(at);
  return load<u8>(at) == 0x3a ? space(at + 1) : 0;
}

@inline
function space(at: usize): usize {
  let byte = load<u8>(at);
  while (byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09)) byte = load<u8>(++at);
  return at;
}

/** Reads a string from after its opening quote; the position after the closing one, or 0. */
@inline
function string(at: usize): usize {
  // Most strings end within a few bytes.
  const bytes = v128.load(at);
  const ends = v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c)));
  const stops = mask(v128.or(ends, controls(bytes)));
  if (stops != 0) {
    const first = at + ctz(stops);
    if (load<u8>(first) == 0x22) return first + 1;
  }
  return blocks(at);
}

/**
 * Reads the rest of a string, 64 bytes at a time. Where backslashes follow one another, every other byte is escaped: found without
 * a branch for each, as in "Parsing Gigabytes of JSON per Second" (Langdale, Lemire 2019), section 3.1.1.
 */
function blocks(at: usize): usize {
  const quote = i8x16.splat(0x22);
  const backslash = i8x16.splat(0x5c);
  /** Whether the first byte of the block is escaped: 0 or 1. */
  let carry: u64 = 0;
  while (true) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const ends = v128.or(
      v128.or(v128.or(i8x16.eq(a, quote), i8x16.eq(b, quote)), v128.or(i8x16.eq(c, quote), i8x16.eq(d, quote))),
      controls(i8x16.min_u(i8x16.min_u(a, b), i8x16.min_u(c, d))),
    );
    const slashes = v128.or(
      v128.or(i8x16.eq(a, backslash), i8x16.eq(b, backslash)),
      v128.or(i8x16.eq(c, backslash), i8x16.eq(d, backslash)),
    );
    if (carry == 0 && !v128.any_true(v128.or(ends, slashes))) {
      at += 64;
      continue;
    }

    const backslashes =
      masks(
        i8x16.eq(a, backslash),
        i8x16.eq(b, backslash),
        i8x16.eq(c, backslash),
        i8x16.eq(d, backslash),
      ) & ~carry;
    const after = (backslashes << 1) | carry;
    const odd = backslashes & ~evenBits & ~after;
    const runs = odd + backslashes;
    carry = <u64>(runs < backslashes);
    const escaped = (evenBits ^ (runs << 1)) & after;

    const quotes =
      masks(i8x16.eq(a, quote), i8x16.eq(b, quote), i8x16.eq(c, quote), i8x16.eq(d, quote)) & ~escaped;
    // All that lies before the end of the string, or all 64.
    const inside = (quotes & (0 - quotes)) - 1;
    if ((masks(controls(a), controls(b), controls(c), controls(d)) & inside) != 0) return 0;
    let special = escaped & inside & ~masks(isEscape(a), isEscape(b), isEscape(c), isEscape(d));
    while (special != 0) {
      const u = at + <usize>ctz(special);
      if (load<u8>(u) != 0x75) return 0;
      for (let digit: usize = 1; digit <= 4; digit++) if (!isHex(load<u8>(u + digit))) return 0;
      special &= special - 1;
    }
    if (quotes != 0) return at + <usize>ctz(quotes) + 1;
    at += 64;
  }
}

const evenBits: u64 = 0x5555555555555555;

@inline
function mask(lanes: v128): u32 {
  return <u32>i8x16.bitmask(lanes);
}

/** One bit for each of 64 bytes. */
@inline
function masks(a: v128, b: v128, c: v128, d: v128): u64 {
  return <u64>mask(a) | (<u64>mask(b) << 16) | (<u64>mask(c) << 32) | (<u64>mask(d) << 48);
}

@inline
function controls(bytes: v128): v128 {
  return i8x16.lt_u(bytes, i8x16.splat(0x20));
}

/** Which bytes may follow a backslash, `u` apart: looked up by the low and the high half of each, which share a bit where both fit. */
@inline
function isEscape(bytes: v128): v128 {
  const low = i8x16(0, 0, 13, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1);
  const high = i8x16(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0);
  const half = i8x16.splat(0x0f);
  const fits = v128.and(
    i8x16.swizzle(low, v128.and(bytes, half)),
    i8x16.swizzle(high, v128.and(i16x8.shr_u(bytes, 4), half)),
  );
  return i8x16.ne(fits, i8x16.splat(0));
}

/** Reads a number; 0 where there is none. */
function number(at: usize): usize {
  if (load<u8>(at) == 0x2d) at++;
  if (load<u8>(at) == 0x30) at++;
  else {
    const whole = digits(at);
    if (whole == at) return 0;
    at = whole;
  }
  if (load<u8>(at) == 0x2e) {
    const fraction = digits(at + 1);
    if (fraction == at + 1) return 0;
    at = fraction;
  }
  if ((load<u8>(at) | 0x20) == 0x65) {
    at++;
    const sign = load<u8>(at);
    if (sign == 0x2b || sign == 0x2d) at++;
    const exponent = digits(at);
    if (exponent == at) return 0;
    at = exponent;
  }
  return at;
}

@inline
function digits(at: usize): usize {
  while (<u32>load<u8>(at) - 0x30 < 10) at++;
  return at;
}

@inline
function isHex(byte: u32): bool {
  return byte - 0x30 < 10 || (byte | 0x20) - 0x61 < 6;
}
