import { z } from 'zod';

// The message of each schema says what would be right; `explain.ts` puts what was found before it.

export const dayMs = 86_400_000;

export function wholeNumber(min: number, max: number, unit: string): z.ZodNumber {
  const error = `a whole number of ${unit} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export function text(error: string): z.ZodString {
  return z.string({ error }).min(1, { error }).max(65_536, { error });
}

export function oneOf<const T extends readonly [string, ...string[]]>(names: T): z.ZodType<T[number]> {
  return z.enum(names, { error: `one of ${names.map((name) => `"${name}"`).join(', ')}` });
}

export function listOf(what: string): z.ZodType<string[]> {
  return z.array(text(`a text (${what})`), { error: `a list of texts (${what})` });
}

export function mapOf(what: string, example: string): z.ZodType<Record<string, string>> {
  const value = z.string({ error: 'a text; put it in quotes' });
  return z.record(z.string(), value, { error: `a mapping of ${what}, such as ${example}` });
}

export function keysOf(fields: z.ZodRawShape): string {
  const keys = Object.keys(fields).map((key) => `"${key}"`);
  return `${keys.slice(0, -1).join(', ')} and ${keys.at(-1)}`;
}

export const duration: z.ZodNumber = wholeNumber(1, dayMs, 'milliseconds');

/** 0: never. */
export const probeInterval: z.ZodExactOptional<z.ZodNumber> = wholeNumber(0, dayMs, 'milliseconds').exactOptional();

export function part(below: 1 | undefined): z.ZodNumber {
  const error = `a part, such as 0.25: more than 0, ${below === undefined ? 'up to' : 'less than'} 1`;
  const above = z.number({ error }).gt(0, { error });
  return below === undefined ? above.max(1, { error }) : above.lt(below, { error });
}
