import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** How often it is looked at: links, network drives and files that are replaced tell nobody when they change. */
const defaultPollMs = 500;

/** By which a file is known to be another. */
export type FileMark = Pick<Stats, 'mtimeMs' | 'size' | 'ino'>;

/** `undefined` while there is none. */
export async function markOf(file: string): Promise<FileMark | undefined> {
  return stat(file).catch(() => undefined);
}

export interface WatchOptions {
  /** As the file was when it was read: taken before that, so that no change falls between. */
  readonly seen: FileMark | undefined;
  readonly onChange: () => void;
  /** Default 500. */
  readonly pollMs?: number;
}

export interface Watch {
  /** Tells as of a change, whether or not there was one, or a file. */
  again(): void;
  stop(): void;
}

/** Looks at a file, at once and from then on, and tells when it is another than it was the last time, and is there. */
export function watchFile(file: string, { seen, onChange, pollMs = defaultPollMs }: WatchOptions): Watch {
  let last = seen;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (asked: boolean): Promise<void> => {
    const now = await markOf(file);
    if (ended || !(asked || (now !== undefined && !isSame(now, last)))) return;
    last = now;
    onChange();
  };
  const keepLooking = async (): Promise<void> => {
    await look(false);
    if (!ended) timer = setTimeout(() => void keepLooking(), pollMs).unref();
  };
  void keepLooking();
  return {
    again: () => void look(true),
    stop: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}

function isSame(now: FileMark, last: FileMark | undefined): boolean {
  return now.mtimeMs === last?.mtimeMs && now.size === last.size && now.ino === last.ino;
}
