import type { ConfigProblem } from './error-facts.ts';
import { ToolyardError } from './toolyard-error.ts';

/** What a number in options may be. */
export interface NumberRule {
  /** In the plural: `milliseconds`, `sockets`. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** Whether parts of one are right, too. */
  readonly parts?: boolean;
  /** Whether `Infinity` is right, too: without bound. */
  readonly endless?: boolean;
}

/** What a timer of JavaScript can wait for; one that is to wait longer rings at once. */
export const longestTimerMs = 2_147_483_647;

/** A whole number of things, so many at least and any number at most. */
export function countOf(unit: string, min = 1, max: number = Number.MAX_SAFE_INTEGER): NumberRule {
  return { unit, min, max };
}

/** A time that a timer can wait for. */
export function millisecondsFrom(min: number, more: Partial<NumberRule> = {}): NumberRule {
  return { unit: 'milliseconds', min, max: longestTimerMs, parts: true, ...more };
}

/** What would be right, for the end of a sentence. */
export function expectedNumber({ unit, min, max, parts = false, endless = false }: NumberRule): string {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
  return `a ${parts ? '' : 'whole '}number of ${unit}, ${range}${endless ? ', or Infinity' : ''}`;
}

/** Whether a value keeps a rule. */
export function isNumberOf(value: unknown, { min, max, parts = false, endless = false }: NumberRule): boolean {
  if (typeof value !== 'number') return false;
  if (value === Infinity) return endless;
  return value >= min && value <= max && (parts || Number.isInteger(value));
}

/** The numbers of options that break their rules. What is left out (`undefined`) keeps each. `path` is what they stand in, such as `limits`. */
function numberProblems(
  given: Readonly<Record<string, unknown>>,
  rules: Readonly<Record<string, NumberRule>>,
  path?: string,
): readonly ConfigProblem[] {
  return Object.entries(rules).flatMap(([name, rule]) => {
    const value = given[name];
    if (value === undefined || isNumberOf(value, rule)) return [];
    const found =
      typeof value === 'number' ? String(value) : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
    const message = `found ${value === null ? 'null' : found}; expected ${expectedNumber(rule)}`;
    return [{ line: 0, column: 0, path: path === undefined ? name : `${path}.${name}`, message }];
  });
}

/** Throws `CONFIG_INVALID` with all numbers of the options of `what` that break their rules: such as would hang, spin or overflow. */
export function checkNumbers(what: string, given: object, rules: Readonly<Record<string, NumberRule>>): void {
  const problems = numberProblems({ ...given }, rules);
  if (problems.length === 0) return;
  const said = problems.map(({ path, message }) => `${path}: ${message}.`).join(' ');
  throw new ToolyardError('CONFIG_INVALID', { problems }, `The options of ${what} cannot be used. ${said}`);
}
