import type { ErrorCode } from '@toolyard/protocol';
import { errorTable } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { call } from '../../testing/harness.ts';
import { breakerOpen, busy, gone, refused, status, timedOut, unreachable, withCode } from '../testing/failures.ts';
import { isRepeatableRead, mayRetry } from './may-retry.ts';

const none = (): boolean => false;
const marked = (tool: string): boolean => tool === 'marked';
const codes = Object.keys(errorTable) as ErrorCode[];

const reads = [
  'server/discover',
  'ping',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'tasks/get',
];
const others = ['tools/call', 'tasks/update', 'tasks/cancel', 'subscriptions/listen', 'acme/anything'];

describe('mayRetry', () => {
  it.each(reads)('lets %s be made again when the server may have taken it', (method) => {
    expect(mayRetry(call(method), gone(), none)).toBe(true);
    expect(isRepeatableRead(call(method))).toBe(true);
  });

  it.each(others)('lets %s be made again only if it never left', (method) => {
    for (const error of [gone(), timedOut(), status(503)]) expect(mayRetry(call(method), error, none)).toBe(false);
    for (const error of [unreachable(), busy(), breakerOpen(1)]) expect(mayRetry(call(method), error, none)).toBe(true);
    expect(isRepeatableRead(call(method))).toBe(false);
  });

  it('takes only these codes, of all that there are, as proof that nothing left', () => {
    const proof = codes.filter((code) => mayRetry(call('tools/call'), withCode(code, { status: 503 }), none));
    expect(proof).toEqual(['UPSTREAM_UNREACHABLE', 'UPSTREAM_BUSY', 'UPSTREAM_BREAKER_OPEN']);
  });

  it('lets a tool that the operator marked be called again, and no other', () => {
    expect(mayRetry(call('tools/call', { name: 'marked' }), gone(), marked)).toBe(true);
    expect(mayRetry(call('tools/call', { name: 'other' }), gone(), marked)).toBe(false);
    expect(mayRetry(call('tools/call', { name: 7 }), gone(), () => true)).toBe(false);
  });

  it('repeats reads for these codes only', () => {
    const repeated = codes.filter((code) => mayRetry(call('tools/list'), withCode(code, { status: 503 }), none));
    expect(repeated).toEqual([
      'UPSTREAM_UNREACHABLE',
      'UPSTREAM_TIMEOUT',
      'UPSTREAM_CLOSED',
      'UPSTREAM_STATUS',
      'UPSTREAM_BUSY',
      'UPSTREAM_BREAKER_OPEN',
      'CLOSED',
    ]);
  });

  it.each([
    [503, true],
    [429, true],
    [501, false],
    [401, false],
    [404, false],
  ])('after HTTP status %i says %s', (code, again) => {
    expect(mayRetry(call('tools/list'), status(code), none)).toBe(again);
  });

  it('repeats nothing that was answered, and nothing that failed without a name', () => {
    expect(mayRetry(call('tools/list'), refused(), none)).toBe(false);
    expect(mayRetry(call('tools/list'), new Error('what?'), none)).toBe(false);
  });

  it.each([{ requestState: 's' }, { inputResponses: {} }])('never repeats what answers a question: %o', (answer) => {
    for (const error of [gone(), unreachable(), busy(), breakerOpen(1)]) {
      expect(mayRetry(call('prompts/get', { name: 'p', ...answer }), error, none)).toBe(false);
      expect(mayRetry(call('tools/call', { name: 'marked', ...answer }), error, marked)).toBe(false);
    }
    expect(isRepeatableRead(call('prompts/get', { name: 'p', ...answer }))).toBe(false);
  });
});
