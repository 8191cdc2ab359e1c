import type { LogThreshold } from '@toolyard/registry';

import type { Logger } from './logger.ts';

/** The level of a log that can be changed while it is written. */
export interface LogLevel {
  /** Another level than before ends what `toggle` began. */
  set(level: LogThreshold): void;
  /** Turns to `debug`, and with the next call back. */
  toggle(): void;
}

export function logLevel(log: Pick<Logger, 'level' | 'info'>, wanted: LogThreshold): LogLevel {
  let chosen = wanted;
  let toggled = false;
  return {
    set(level) {
      if (level === chosen) return;
      chosen = level;
      toggled = false;
      log.level = level;
      log.info(`The log is written from level ${level} on now.`);
    },
    toggle() {
      toggled = !toggled;
      log.level = toggled ? 'debug' : chosen;
      log.info(`The log is written from level ${log.level} on now.`);
    },
  };
}
