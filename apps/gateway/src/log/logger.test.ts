import { describe, expect, it } from 'vitest';

import { chooseLevel } from './logger.ts';

describe('the level of the log', () => {
  it.each([
    [undefined, undefined, undefined, 'info'],
    [undefined, undefined, 'debug', 'debug'],
    [undefined, 'WARN', 'debug', 'warn'],
    [undefined, '', 'debug', 'debug'],
    ['error', 'warn', 'debug', 'error'],
  ] as const)('is, with %s, %s and %s, %s', (asked, environment, configured, level) => {
    expect(chooseLevel(asked, environment, configured)).toBe(level);
  });

  it('must be one of pino', () => {
    expect(() => chooseLevel('loud', undefined, undefined)).toThrow(
      '--log-level must be one of trace, debug, info, warn, error, fatal, silent.',
    );
    expect(() => chooseLevel(undefined, 'loud', undefined)).toThrow('LOG_LEVEL must be one of');
  });
});
