import { expect, it } from 'vitest';

import { logLevel } from './log-level.ts';

it('changes while the log is written, by the configuration and by hand', () => {
  const told: string[] = [];
  const log = { level: 'warn', info: (text: string) => void told.push(`${log.level}: ${text}`) };
  const level = logLevel(log, 'warn');
  level.set('warn');
  expect(told).toEqual([]);
  level.toggle();
  expect(log.level).toBe('debug');
  // A configuration that says the same as before does not end it.
  level.set('warn');
  expect(log.level).toBe('debug');
  level.toggle();
  expect(log.level).toBe('warn');
  level.toggle();
  level.set('info');
  expect(log.level).toBe('info');
  expect(told.at(-1)).toBe('info: The log is written from level info on now.');
});
