import type { MessageId } from '../pipe.ts';

const plainInteger = /^(?:0|-?[1-9]\d{0,14})$/;
const number = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * One key for all spellings of an id: `"\u0061"` and `"a"` are one id, and so are `1.0`, `1e0` and `1`; `1` and `"1"` are two.
 * Integers are compared exactly, however big.
 */
export function idKey(id: MessageId): string {
  if (id.startsWith('"')) return id.includes('\\') ? JSON.stringify(JSON.parse(id)) : id;
  if (plainInteger.test(id)) return id;
  const decimal = readDecimal(id);
  if (decimal === undefined) return id;
  const { sign, digits, zeros } = decimal;
  if (digits === '') return '0';
  return zeros <= 64n ? `${sign}${digits}${'0'.repeat(Number(zeros))}` : `${sign}${digits}e${String(zeros)}`;
}

/** Whether JSON text is a number whose value is an integer: `1`, `1.0` and `1e400` are, `1.5` is not. */
export function isIntegerSpelling(text: string): boolean {
  if (plainInteger.test(text)) return true;
  const decimal = readDecimal(text);
  return decimal !== undefined && decimal.zeros >= 0n;
}

/** A number as digits without zeros at either end, times ten to the power of `zeros`; no digits for zero. */
function readDecimal(text: string): { sign: string; digits: string; zeros: bigint } | undefined {
  const match = number.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return { sign: '', digits, zeros: 0n };
  return { sign, digits, zeros: BigInt(exponent) - BigInt(fraction.length) + BigInt(all.length - digits.length) };
}
