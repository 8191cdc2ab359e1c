import { Metadata, status as Status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { statusError, unreachable } from './status-error.ts';

const context = { upstream: 'far', maxMessageBytes: 10, secrets: ['Bearer hunter2'] };
const ended = (code: Status, details = '') => ({ code, details, metadata: new Metadata() });

describe('statusError', () => {
  it.each([
    ['UNAUTHENTICATED', 401],
    ['PERMISSION_DENIED', 403],
    ['NOT_FOUND', 404],
    ['RESOURCE_EXHAUSTED', 429],
    ['UNIMPLEMENTED', 501],
    ['DEADLINE_EXCEEDED', 504],
  ] as const)('makes UPSTREAM_STATUS of %s, with the HTTP status that stands for it', (name, status) => {
    expect(statusError(ended(Status[name]), context)).toMatchObject({
      code: 'UPSTREAM_STATUS',
      facts: { upstream: 'far', status },
      message: `far refused the stream (gRPC status ${name}).`,
    });
  });

  it.each(['OK', 'CANCELLED', 'ABORTED', 'UNAVAILABLE'] as const)('makes UPSTREAM_CLOSED of %s', (name) => {
    expect(statusError(ended(Status[name]), context)).toMatchObject({
      code: 'UPSTREAM_CLOSED',
      facts: { upstream: 'far' },
    });
  });

  it.each(['INTERNAL', 'UNKNOWN', 'INVALID_ARGUMENT', 'DATA_LOSS'] as const)(
    'makes UPSTREAM_MALFORMED of %s',
    (name) => {
      const reason = `it ended the stream with gRPC status ${name}`;
      expect(statusError(ended(Status[name]), context)).toMatchObject({
        code: 'UPSTREAM_MALFORMED',
        facts: { reason },
      });
    },
  );

  it('tells messages that are too large from other exhaustion', () => {
    const details = 'Received message larger than max (50002 vs 12)';
    expect(statusError(ended(Status.RESOURCE_EXHAUSTED, details), context)).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      facts: { limitBytes: 10 },
    });
  });

  it("keeps the server's words, without the credentials that it repeats", () => {
    const error = statusError(ended(Status.UNAUTHENTICATED, 'no user for token hunter2 (Bearer hunter2)'), context);
    expect(error.cause).toMatchObject({ message: 'gRPC status UNAUTHENTICATED: no user for token … (…)' });
  });
});

describe('unreachable', () => {
  it('makes UPSTREAM_UNREACHABLE of UNAVAILABLE, and what statusError makes of the rest', () => {
    const error = unreachable(ended(Status.UNAVAILABLE, 'ECONNREFUSED'), 'grpc://x:1', context);
    expect(error).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      message: 'Nothing answers far at grpc://x:1.',
      cause: { message: 'ECONNREFUSED' },
    });
    expect(unreachable(ended(Status.UNAUTHENTICATED), 'grpc://x:1', context).code).toBe('UPSTREAM_STATUS');
  });
});
