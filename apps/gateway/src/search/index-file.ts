import { randomBytes } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { platform } from 'node:os';

import { openFile } from '@toolyard/registry';

/** Some 200,000 tools. A larger index is made anew after each start. */
const maxBytes = 512 * 1024 * 1024;
/** Of a mode: whether others than the owner may write. */
const writableByOthers = 0o022;

/** Keeps an index between one run and the next. */
export interface IndexFile {
  /** `undefined` where there is none. Rejects where it cannot be trusted, or not be read. */
  read(): Promise<Uint8Array | undefined>;
  /** All or nothing. `false` for more than a file may hold. */
  write(bytes: Uint8Array): Promise<boolean>;
}

export function indexFile(
  file: string,
  limitBytes: number = maxBytes,
  system: NodeJS.Platform = platform(),
): IndexFile {
  return {
    async read() {
      try {
        await using opened = await openFile(file);
        const { size, mode } = opened.stats;
        if (size > limitBytes) throw new Error(`it is longer than ${limitBytes} bytes`);
        // Windows has no such bits.
        if (system !== 'win32' && (mode & writableByOthers) !== 0) throw new Error('others may write to it');
        return await opened.handle.readFile();
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(bytes) {
      if (bytes.length > limitBytes) return false;
      const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
      try {
        await using handle = await open(draft, 'wx', 0o600);
        await handle.writeFile(bytes);
        await handle.sync();
        await handle.close();
        await rename(draft, file);
      } catch (error) {
        await unlink(draft).catch(() => undefined);
        throw error;
      }
      return true;
    },
  };
}
