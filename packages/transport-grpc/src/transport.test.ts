import { expect, it } from 'vitest';
import { grpcTransport } from './transport.ts';

it.each([
  [{ keepAliveMs: 0 }],
  [{ keepAliveTimeoutMs: Infinity }],
  [{ maxSentBytes: 0 }],
  [{ closeMs: -1 }],
  [{ probeTimeoutMs: Number.NaN }],
])('a gRPC transport refuses %o', (options) => {
  expect(() => grpcTransport(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
