import type { ToolIndex } from '@toolyard/native-index';

import type { Logger } from '../log/logger.ts';
import type { IndexFile } from './index-file.ts';

/** Keeps an index in a file that follows it. */
export interface IndexKeeper {
  /** The index changed: it is written within so many milliseconds, what changes meanwhile included. */
  changed(withinMs: number): void;
  /** Writes what is not written yet. */
  close(): Promise<void>;
}

/** What cannot be written is logged: it is made anew after the next start. */
export function keepIndex(index: Pick<ToolIndex, 'save'>, file: IndexFile, log: Logger): IndexKeeper {
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Number.POSITIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    dueMs = Number.POSITIVE_INFINITY;
    writing = writing.then(async () => {
      try {
        const written = await file.write(await index.save());
        if (!written) log.warn('The search index is too large to be kept; it is made anew after each start.');
      } catch (error) {
        log.warn({ err: error }, 'The search index could not be kept.');
      }
    });
  };
  return {
    changed(withinMs) {
      const due = performance.now() + withinMs;
      if (due >= dueMs) return;
      clearTimeout(timer);
      dueMs = due;
      timer = setTimeout(write, withinMs).unref();
    },
    async close() {
      if (timer !== undefined) write();
      await writing;
    },
  };
}
