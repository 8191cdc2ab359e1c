import { expect, it } from 'vitest';
import { readTraceContext } from './trace-context.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const read = (headers: Record<string, string>) => readTraceContext((name) => headers[name]);

it.each([
  [{ traceparent }, { traceparent }],
  [
    { traceparent, tracestate: 'rojo=00f067aa0ba902b7, t61rcWkgMzE@vendor=1' },
    { traceparent, tracestate: 'rojo=00f067aa0ba902b7, t61rcWkgMzE@vendor=1' },
  ],
  // A version that is not known yet may say more.
  [{ traceparent: `cc${traceparent.slice(2)}-more` }, { traceparent: `cc${traceparent.slice(2)}-more` }],
])('continues %j', (headers, context) => {
  expect(read(headers)).toEqual(context);
});

it.each([
  {},
  { tracestate: 'a=b' },
  { traceparent: '' },
  { traceparent: 'nonsense' },
  { traceparent: traceparent.toUpperCase() },
  { traceparent: `${traceparent}-more` },
  { traceparent: `${traceparent}, ${traceparent}` },
  { traceparent: `ff${traceparent.slice(2)}` },
  { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` },
  { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01` },
  { traceparent: `cc${traceparent.slice(2)}-${'x'.repeat(256)}` },
  { traceparent: `cc${traceparent.slice(2)}-\u{e9}` },
])('begins anew after %j', (headers) => {
  expect(read(headers)).toBeUndefined();
});

it.each(['', ',', 'a', 'A=b', 'a=b=c', `a=${'x'.repeat(257)}`, 'a=b,'.repeat(33), 'a=b,'.repeat(128) + 'a=b'])(
  'leaves a tracestate such as %j out',
  (tracestate) => {
    expect(read({ traceparent, tracestate })).toEqual({ traceparent });
  },
);
