import { expect, it } from 'vitest';
import { stdioTransport } from './stdio-transport.ts';

it.each([[{ stdinGraceMs: -1 }], [{ termGraceMs: Infinity }], [{ stdinGraceMs: Number.NaN }]])(
  'a stdio transport refuses %o',
  (options) => {
    expect(() => stdioTransport(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  },
);
