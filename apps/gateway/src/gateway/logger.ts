import { logThresholds, type LogThreshold } from '@toolyard/registry';
import { destination, type Logger, pino } from 'pino';
import { build as pretty } from 'pino-pretty';

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

/**
 * Lines on stderr, written before the call returns, so that the last words of a process are not lost: JSON, or words where a person reads them.
 */
export function createLogger(level: LogThreshold, forPeople: boolean): Logger {
  const options = { name: 'toolyard', level, base: { pid: process.pid } };
  if (!forPeople) return pino(options, destination({ fd: 2, sync: true }));
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      translateTime: 'SYS:HH:MM:ss',
      ignore: 'pid,name,server,wire,revision,tools,code',
    }),
  );
}
