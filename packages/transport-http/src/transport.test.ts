import { expect, it } from 'vitest';
import { httpTransport } from './transport.ts';

it.each([
  [{ eraHorizonMs: -1 }],
  [{ maxEras: 0 }],
  [{ maxSockets: 0 }],
  [{ socketTimeoutMs: Infinity }],
  [{ sessions: { maxSessions: 0 } }],
  [{ sessions: { idleMs: Infinity } }],
])('an HTTP transport refuses %o', (options) => {
  expect(() => httpTransport(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
