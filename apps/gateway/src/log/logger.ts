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

/** What is kept, in characters, while it cannot be written; more is lost. */
const maxUnwritten = 1_048_576;

/**
 * Lines on stderr, written before the call returns, so that the last words of a process are not lost. Where they cannot be written, since the disk is full or nobody reads
 * them any more, they are kept, up to a bound, until they can be: a process does not end for want of a log.
 */
export async function createLogger({ level, forPeople, redact }: LoggerOptions): Promise<Logger> {
  const options = {
    name: 'toolyard',
    level,
    base: { pid: process.pid },
    redact: { paths: withheld, censor: '***' },
    hooks: { streamWrite: redact },
  };
  const stderr = destination({ fd: 2, sync: true, maxLength: maxUnwritten });
  stderr.on('error', () => undefined);
  if (!forPeople) return pino(options, stderr);
  const { build: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({
      destination: stderr,
      translateTime: 'SYS:HH:MM:ss',
      singleLine: true,
      ignore: 'pid,name,server,wire,revision,tools,code,method,tool,bytes,leftOut',
    }),
  );
}
