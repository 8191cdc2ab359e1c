import { ToolyardError } from '@toolyard/protocol';
import type { Configuration } from '@toolyard/registry';

import type { Logger } from '../log/logger.ts';

export interface ReloaderOptions {
  readonly file: string;
  /** Rejects with `CONFIG_INVALID` for a file that cannot be used. */
  readonly read: () => Promise<Configuration>;
  /** Rejects with `CONFIG_INVALID` where it cannot run with it. */
  readonly apply: (configuration: Configuration) => Promise<void>;
  readonly log: Logger;
}

/** Takes a changed configuration over: whole, or where anything is wrong with it, nothing of it. One at a time; of several changes meanwhile the last. */
export function createReloader({ file, read, apply, log }: ReloaderOptions): () => Promise<void> {
  let running: Promise<void> | undefined;
  let again = false;
  const once = async (): Promise<void> => {
    try {
      await apply(await read());
    } catch (error) {
      if (ToolyardError.is(error, 'CONFIG_INVALID'))
        log.error(`The configuration cannot be used; everything stays as it was.\n${error.message}`);
      else log.error({ err: error }, `${file} could not be read; everything stays as it was.`);
    }
  };
  const rounds = async (): Promise<void> => {
    do {
      again = false;
      await once();
    } while (again);
    running = undefined;
  };
  return () => {
    if (running !== undefined) again = true;
    return (running ??= rounds());
  };
}
