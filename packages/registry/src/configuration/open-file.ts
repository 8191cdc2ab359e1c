import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** A file that was opened, and what it was then. */
export interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/**
 * Opens a file to read it. Never waits for somebody else, as opening a named pipe does, for good and in a thread that the process cannot end without: what is not a regular
 * file rejects with the code `EISDIR` or `EFTYPE`.
 */
export async function openFile(file: string): Promise<OpenFile> {
  // Windows has no such flag, and no such files.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const close = (): Promise<void> => handle.close();
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notRegular(stats);
    return { handle, stats, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function notRegular(stats: Stats): Error {
  const [code, message] = stats.isDirectory() ? ['EISDIR', 'It is a folder.'] : ['EFTYPE', 'It is no regular file.'];
  return Object.assign(new Error(message), { code });
}
