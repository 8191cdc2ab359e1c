import { type CallOptions, logLevels, RawObject } from '@toolyard/protocol';
import { aSignal, checkParams } from './check-params.ts';
import { aFunction, isObject, may, must, oneOf, type Rule, type Shape } from './shape.ts';

/** In whose name something is asked. */
export const aCaller: Rule = may(
  (value) =>
    isObject(value) &&
    [value['principal'], value['tenant'], value['session']].every(isTextOrNothing) &&
    [value['clientInfo'], value['capabilities']].every((one) => one === undefined || one instanceof RawObject),
  'a caller: "principal", "tenant" and "session" are texts, "clientInfo" and "capabilities" each a RawObject',
);

const request: Shape<CallOptions & { readonly method: string }> = {
  method: must((value) => typeof value === 'string' && value !== '', 'the name of a method, such as "tools/call"'),
  params: may(isObject, 'an object'),
  caller: aCaller,
  signal: aSignal,
  deadlineMs: may((value) => typeof value === 'number' && !Number.isNaN(value), 'a point in time of performance.now()'),
  progressToken: may((value) => typeof value === 'string' || typeof value === 'number', 'a text or a number'),
  logLevel: oneOf(logLevels),
  notify: aFunction,
};

/** Throws `INVALID_PARAMS` for a request that cannot be one. */
export function checkRequest(given: unknown): void {
  checkParams('A request', given, request);
}

/** Whether this can be answered, as far as a look at it tells: it is on the way of every call. */
export function isCall(value: unknown): boolean {
  if (!isObject(value) || typeof value['method'] !== 'string') return false;
  return value['params'] instanceof RawObject && isObject(value['caller']) && value['signal'] instanceof AbortSignal;
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
