import fc from 'fast-check';

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 });

const digit = fc.constantFrom(...'0123456789');
const integer = fc.oneof(
  fc.constantFrom('0', '-0', '7', '-12', '9007199254740993', '123456789012345678901234567890'),
  fc
    .tuple(fc.constantFrom('', '-'), fc.constantFrom(...'123456789'), fc.string({ unit: digit, maxLength: 20 }))
    .map((parts) => parts.join('')),
);
const fraction = fc.string({ unit: digit, minLength: 1, maxLength: 8 }).map((digits) => `.${digits}`);
const exponent = fc
  .tuple(
    fc.constantFrom('e', 'E'),
    fc.constantFrom('', '+', '-'),
    fc.string({ unit: digit, minLength: 1, maxLength: 3 }),
  )
  .map((parts) => parts.join(''));
const numberText = fc
  .tuple(integer, fc.option(fraction, { nil: '' }), fc.option(exponent, { nil: '' }))
  .map((parts) => parts.join(''));

const hex4 = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 4, maxLength: 4 });
const stringUnit = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.string({ unit: fc.constantFrom(...'abcXYZ 09_-/~\u007f'), minLength: 1, maxLength: 40 }),
  },
  {
    weight: 3,
    arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => JSON.stringify(text).slice(1, -1)),
  },
  { weight: 2, arbitrary: fc.constantFrom('é', '漢', '\u2028', '𝄞', '\ufeff', '\u0080') },
  { weight: 2, arbitrary: fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t') },
  { weight: 1, arbitrary: hex4.map((digits) => `\\u${digits}`) },
);

/** A JSON string as text: escapes where none are needed, lone surrogates in escapes, and runs long enough for every way of reading. */
export const stringText: fc.Arbitrary<string> = fc
  .array(stringUnit, { maxLength: 6 })
  .map((units) => `"${units.join('')}"`);

const scalarText = fc.oneof(
  numberText,
  stringText,
  fc.constantFrom('true', 'false', 'null', '{}', '[]', '1e400', '-1.0E+2'),
);

function list(open: string, close: string, item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(space, fc.array(fc.tuple(space, item, space), { maxLength: 5 }))
    .map(([inner, items]) =>
      items.length === 0
        ? `${open}${inner}${close}`
        : `${open}${items.map((parts) => parts.join('')).join(',')}${close}`,
    );
}

/** Member names that differ as what they stand for are not promised: the same name may stand twice. */
export const valueText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    scalarText,
    list('[', ']', tie('value')),
    list(
      '{',
      '}',
      fc
        .tuple(stringText, space, space, tie('value'))
        .map(([name, before, after, value]) => `${name}${before}:${after}${value}`),
    ),
  ),
})).value;

/** An object as text, each name once, with the names and values it was made of. */
export const objectText: fc.Arbitrary<{ text: string; members: readonly (readonly [name: string, value: string])[] }> =
  fc
    .tuple(
      space,
      fc.uniqueArray(fc.tuple(stringText, valueText, fc.array(space, { minLength: 4, maxLength: 4 })), {
        maxLength: 6,
        selector: ([name]) => JSON.parse(name) as unknown,
      }),
    )
    .map(([inner, members]) => ({
      text:
        members.length === 0
          ? `{${inner}}`
          : `{${members.map(([name, value, [a = '', b = '', c = '', d = '']]) => `${a}${name}${b}:${c}${value}${d}`).join(',')}}`,
      members: members.map(([name, value]) => [name, value] as const),
    }));

/** The bytes of a text, at any alignment, with bytes around them that would change the meaning if they were read. */
export const placed = (text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(text, fc.integer({ min: 0, max: 7 }), fc.constantFrom('"', '\\', ' ', '}', '\u0000', 'é'))
    .map(([json, skew, around]) => place(new TextEncoder().encode(json), skew, around));

function place(bytes: Uint8Array, skew: number, around: string): Uint8Array {
  const room = Buffer.alloc(bytes.length + 16, around);
  room.set(bytes, skew);
  return new Uint8Array(room.buffer, room.byteOffset + skew, bytes.length);
}

type Damage = (bytes: Uint8Array) => Uint8Array;

const hostileByte = fc.oneof(
  fc.constantFrom(...Buffer.from('"\\{}[]:,-+.eE019tfnu \n\r\t\u0000\u001f')),
  fc.integer({ min: 0, max: 255 }),
);
const damage: fc.Arbitrary<Damage> = fc
  .tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom('replace', 'insert', 'delete', 'cut', 'repeat'),
    hostileByte,
    fc.integer({ min: 1, max: 6 }),
  )
  .map(([where, kind, byte, length]) => (bytes) => {
    const at = Math.min(bytes.length, Math.floor(where * (bytes.length + 1)));
    const before = bytes.subarray(0, at);
    switch (kind) {
      case 'replace':
        return Buffer.concat([before, Uint8Array.of(byte), bytes.subarray(at + 1)]);
      case 'insert':
        return Buffer.concat([before, Uint8Array.of(byte), bytes.subarray(at)]);
      case 'delete':
        return Buffer.concat([before, bytes.subarray(at + length)]);
      case 'cut':
        return before;
      default:
        return Buffer.concat([before, bytes.subarray(at, at + length), bytes.subarray(at)]);
    }
  });

/** Bytes that were JSON before something happened to them, once or a few times. */
export const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(text, fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([json, damages]) =>
      damages.reduce<Uint8Array>((bytes, apply) => apply(bytes), new TextEncoder().encode(json)),
    );

/** What the platform makes of the bytes; `undefined` where it refuses them. */
export function platformParse(bytes: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) as unknown };
  } catch {
    return undefined;
  }
}
