import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { QueryRanking } from '@toolyard/native-index/evaluate';

import { CommandFailure, exitCodes } from '../../cli/exit-codes.ts';
import { makeFolder } from '../../data/data-folder.ts';
import { reasonOf } from './reason-of.ts';

/** Where rankings go, one JSON object a line: `{id, ranked, ms}`, and `set` before these where there are several sets. */
export interface RankingsFile extends AsyncDisposable {
  add(set: string, ranking: QueryRanking): void;
  /** Writes what was added since the last time. */
  flush(): Promise<void>;
}

/** What the file held is gone with this. Opened before anything is ranked, so that long work does not end at a closed door. */
export async function openRankings(path: string, given: string, several: boolean): Promise<RankingsFile> {
  const told = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      const message = `The rankings cannot be written to ${given} (${reasonOf(error)}).`;
      throw new CommandFailure(exitCodes.failed, message, { cause: error });
    });
  await told(makeFolder(dirname(path)));
  const handle = await told(open(path, 'w'));
  let lines: string[] = [];
  return {
    add(set, { id, ranked, ms }) {
      const row = { ...(several && { set }), id, ranked, ms: Number(ms.toFixed(3)) };
      lines.push(`${JSON.stringify(row)}\n`);
    },
    async flush() {
      const text = lines.join('');
      lines = [];
      await told(handle.appendFile(text));
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
