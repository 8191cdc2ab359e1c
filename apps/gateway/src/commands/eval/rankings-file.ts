import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { QueryRanking } from '@toolyard/native-index/evaluate';

import { CommandFailure, exitCodes } from '../../cli/exit-codes.ts';

/** Where the rankings of one set go: `{id, ranked, ms}` a line. */
export interface RankingsFile extends AsyncDisposable {
  add(ranking: QueryRanking): void;
  /** Writes what was added. */
  save(): Promise<void>;
}

/** `path` is the file of the only set, or the folder with a file for each of several. Opened first, so that hours of ranking do not end at a closed door. */
export async function openRankings(path: string, set: string, several: boolean): Promise<RankingsFile> {
  const file = several ? join(path, `${set}.jsonl`) : path;
  const told = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandFailure(exitCodes.failed, `The rankings cannot be written to ${file}: ${reason}.`, {
        cause: error,
      });
    });
  await told(mkdir(dirname(file), { recursive: true }));
  const handle: FileHandle = await told(open(file, 'w'));
  const lines: string[] = [];
  return {
    add: ({ id, ranked, ms }) => void lines.push(`${JSON.stringify({ id, ranked, ms: Number(ms.toFixed(3)) })}\n`),
    save: () => told(handle.writeFile(lines.join(''))),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
