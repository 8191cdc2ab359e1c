import { expect, it } from 'vitest';
import { wsTransport } from './transport.ts';

it.each([
  [{ pingMs: 0 }],
  [{ deadMs: Infinity }],
  [{ closeMs: -1 }],
  [{ highWaterBytes: 0 }],
  [{ probeTimeoutMs: 3e9 }],
])('a WebSocket transport refuses %o', (options) => {
  expect(() => wsTransport(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
