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

export interface LoggerOptions {
  readonly level: LogThreshold;
  /** Words in place of JSON. */
  readonly forPeople: boolean;
  /** Takes secrets out of a line. */
  readonly redact: (line: string) => string;
}

/** What objects that are logged hold under these names is not for a log, whatever it is. */
const withheld = ['headers', 'env', 'err.headers', 'err.env', 'err.body', 'err.facts.error'];

/** Lines on stderr, written before the call returns, so that the last words of a process are not lost. */
export async function createLogger({ level, forPeople, redact }: LoggerOptions): Promise<Logger> {
  const options = {
    name: 'toolyard',
    level,
    base: { pid: process.pid },
    redact: { paths: withheld, censor: '***' },
    hooks: { streamWrite: redact },
  };
  if (!forPeople) return pino(options, destination({ fd: 2, sync: true }));
  const { build: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({
      destination: 2,
      sync: true,
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
      ignore: 'pid,name,server,wire,revision,tools,code,method,tool,bytes',
    }),
  );
}
