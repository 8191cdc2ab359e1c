import type { ErrorCode } from '@toolyard/protocol';
import { errorTable } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { refused, status, timedOut, withCode } from './testing/failures.ts';
import { isInstanceFault, verdictOf } from './verdict.ts';

describe('verdictOf', () => {
  it('blames an instance for these codes only, of all that there are', () => {
    const codes = Object.keys(errorTable) as ErrorCode[];
    const blamed = codes.filter((code) => isInstanceFault(withCode(code, { status: 503 })));
    expect(blamed).toEqual([
      'UPSTREAM_UNREACHABLE',
      'UPSTREAM_TIMEOUT',
      'UPSTREAM_CLOSED',
      'UPSTREAM_MALFORMED',
      'UPSTREAM_STATUS',
      'INTERNAL',
    ]);
  });

  it('takes these for answers, and no other failure', () => {
    const codes = Object.keys(errorTable) as ErrorCode[];
    const answers = codes.filter((code) => verdictOf(withCode(code, { status: 503 })) === 'answer');
    expect(answers).toEqual(['QUESTION_FAILED', 'UPSTREAM_ERROR']);
  });

  it("takes a server's own error for an answer, whatever it says", () => {
    expect(verdictOf(refused())).toBe('answer');
  });

  it.each([
    [500, 'fault'],
    [503, 'fault'],
    [504, 'fault'],
    [429, 'nothing'],
    [401, 'answer'],
    [404, 'answer'],
    [302, 'answer'],
  ] as const)('judges HTTP status %i as %s', (code, verdict) => {
    expect(verdictOf(status(code))).toBe(verdict);
  });

  it('holds a timeout against the instance unless it was the deadline of the caller', () => {
    expect(verdictOf(timedOut(), undefined, 100)).toBe('fault');
    expect(verdictOf(timedOut(), 101, 100)).toBe('fault');
    expect(verdictOf(timedOut(), 100, 100)).toBe('nothing');
  });

  it('blames an instance for what its transport throws without a name', () => {
    expect(verdictOf(new TypeError('x'))).toBe('fault');
    expect(verdictOf(undefined)).toBe('fault');
    expect(verdictOf(Object.assign(withCode('CLOSED'), { code: 'FROM_THE_FUTURE' }))).toBe('fault');
  });
});
