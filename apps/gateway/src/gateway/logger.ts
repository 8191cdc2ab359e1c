import { logThresholds, type LogThreshold } from '@toolyard/registry';
import { destination, type Logger, pino } from 'pino';

import { CommandFailure, exitCodes } from '../cli/exit-codes.ts';

export type { Logger };

/** The first level that is given counts: `--log-level`, `LOG_LEVEL`, the configuration's; then `info`. */
export function chooseLevel(
  asked: string | undefined,
  fromEnvironment: string | undefined,
  configured: LogThreshold | undefined,
): LogThreshold {
  const text = asked ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  if (text === undefined) return configured ?? 'info';
  const level = logThresholds.find((name) => name === text.toLowerCase());
  if (level !== undefined) return level;
  const what = asked === undefined ? 'LOG_LEVEL' : '--log-level';
  throw new CommandFailure(exitCodes.usage, `${what} must be one of ${logThresholds.join(', ')}.`);
}

/** Lines of JSON on stderr, written before the call returns, so that the last words of a process are not lost. */
export function createLogger(level: LogThreshold): Logger {
  return pino({ name: 'toolyard', level, base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
}
