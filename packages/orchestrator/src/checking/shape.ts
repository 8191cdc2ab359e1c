import { type ConfigProblem, expectedNumber, isNumberOf, type NumberRule } from '@toolyard/protocol';
import { adviceOn } from '@toolyard/registry';

/** Tells what is wrong with a value; nothing where it is as it must be. */
export type Rule = (value: unknown, path: string) => readonly ConfigProblem[];

/** A rule for each member of an object; its type sees to it that none is forgotten. */
export type Shape<T> = { readonly [K in keyof T]-?: Rule };

const none: readonly ConfigProblem[] = [];

/** What breaks the rules of a shape, in its order, and after that what is not among its members, with the one that may have been meant. */
export function problemsOf(given: unknown, shape: Readonly<Record<string, Rule>>, path = ''): readonly ConfigProblem[] {
  if (!isObject(given)) return [problem(path, `found ${found(given)}; expected an object`)];
  const below = path === '' ? '' : `${path}.`;
  const problems: ConfigProblem[] = [];
  for (const key in shape) {
    const broken = shape[key]?.(given[key], below + key) ?? none;
    if (broken.length > 0) problems.push(...broken);
  }
  for (const key in given)
    if (!Object.hasOwn(shape, key) && Object.hasOwn(given, key) && given[key] !== undefined)
      problems.push(strange(key, Object.keys(shape), below));
  return problems;
}

function strange(key: string, known: readonly string[], below: string): ConfigProblem {
  const shown = /^[\w$-]{1,64}$/.test(key);
  return problem(
    below + (shown ? key : '…'),
    `${shown ? `unknown key "${key}"` : 'an unknown key'}; ${adviceOn(key, known)}`,
  );
}

/** `expected`: what would be right, for the end of a sentence. */
export function must(holds: (value: unknown) => boolean, expected: string): Rule {
  return (value, path) => (holds(value) ? none : [problem(path, `found ${found(value)}; expected ${expected}`)]);
}

/** The same for what may be left out. */
export function may(holds: (value: unknown) => boolean, expected: string): Rule {
  return must((value) => value === undefined || holds(value), expected);
}

export function numberBy(rule: NumberRule): Rule {
  return may((value) => isNumberOf(value, rule), expectedNumber(rule));
}

export function oneOf(names: readonly string[]): Rule {
  return may(
    (value) => typeof value === 'string' && names.includes(value),
    `one of ${names.map((name) => `"${name}"`).join(', ')}`,
  );
}

/** An object of this shape, which may be left out. */
export function members(shape: Readonly<Record<string, Rule>>): Rule {
  return (value, path) => (value === undefined ? none : problemsOf(value, shape, path));
}

/** A list whose items keep a rule, which must be there. */
export function listOf(rule: Rule): Rule {
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item: unknown, at) => rule(item, `${path}[${at}]`))
      : [problem(path, `found ${found(value)}; expected a list; without any, an empty one`)];
}

export const aFunction: Rule = may((value) => typeof value === 'function', 'a function');
export const aBoolean: Rule = may((value) => typeof value === 'boolean', 'true or false');

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function problem(path: string, message: string): ConfigProblem {
  return { line: 0, column: 0, path, message };
}

/** What stands there, by its value only where it can be no secret. */
export function found(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return 'a list';
  return kinds.get(typeof value) ?? `a ${typeof value}`;
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['string', 'a text'],
  ['object', 'an object'],
]);
