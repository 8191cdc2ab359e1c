import { ToolyardError } from '@toolyard/protocol';
import { found, may, problemsOf, type Rule } from './shape.ts';

/** Throws `INVALID_PARAMS` with all that is wrong. `what`: what is checked, as the subject of a sentence. */
export function checkParams(what: string, given: unknown, shape: Readonly<Record<string, Rule>>): void {
  const problems = problemsOf(given, shape);
  if (problems.length === 0) return;
  const said = problems.map(({ path, message }) => (path === '' ? `${message}.` : `${path}: ${message}.`)).join(' ');
  throw invalidParams(`${what} cannot be used. ${said}`);
}

/** Throws `INVALID_PARAMS` for a name that is no text. `what`: of what. */
export function checkName(what: string, name: unknown): void {
  if (typeof name !== 'string') throw invalidParams(`A ${what} is a text; found ${found(name)}.`);
}

export function invalidParams(reason: string, cause?: unknown): ToolyardError<'INVALID_PARAMS'> {
  return new ToolyardError('INVALID_PARAMS', { reason }, reason, { cause });
}

export const aSignal: Rule = may((value) => value instanceof AbortSignal, 'an AbortSignal');
