import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { type LabelledSet, readLabelledSet, readQueries } from '@toolyard/native-index/evaluate';

import { CommandFailure, exitCodes } from '../../cli/exit-codes.ts';
import { documentOf, type GatewayTool } from '../../client/gateway-tools.ts';
import type { EvalOptions } from './eval-options.ts';
import { reasonOf } from './reason-of.ts';

const setFiles: readonly string[] = ['tools.jsonl', 'queries.jsonl'];

const nothingGiven =
  'Say what to evaluate: --data <folder>; or --tools <file> and --queries <file>; or --queries <file> alone, about the tools of the running gateway.';

/** A labelled set that is read when its turn comes. */
export interface SetSource {
  readonly name: string;
  /** What it is read from. */
  readonly files: readonly string[];
  read(signal: AbortSignal): Promise<LabelledSet>;
}

/** `tools`: asks the running gateway, where the queries are about its tools. */
export async function findSets(
  { data, tools, queries }: EvalOptions,
  cwd: string,
  gatewayTools: (signal: AbortSignal) => Promise<readonly GatewayTool[]>,
): Promise<readonly SetSource[]> {
  if (data !== undefined) {
    if (tools !== undefined || queries !== undefined) throw wrong('Give either --data, or --tools and --queries.');
    return setsIn(resolve(cwd, data), data);
  }
  if (queries === undefined) throw wrong(tools === undefined ? nothingGiven : '--tools needs --queries <file> too.');
  const queriesFile = resolve(cwd, queries);
  if (tools !== undefined) {
    const files = { tools: resolve(cwd, tools), queries: queriesFile };
    const file = basename(queriesFile, '.jsonl');
    // As it would be called were its folder given.
    const name = file === 'queries' ? basename(dirname(queriesFile)) : file;
    return [{ name, files: Object.values(files), read: (signal) => readLabelledSet(files, { signal }) }];
  }
  const read = async (signal: AbortSignal): Promise<LabelledSet> => ({
    queries: await readQueries(queriesFile, { signal }),
    tools: (await gatewayTools(signal)).map(documentOf),
  });
  return [{ name: 'gateway', files: [queriesFile], read }];
}

/** The folder itself where it has one of the files of a set, else those of its folders that have. */
async function setsIn(folder: string, given: string): Promise<readonly SetSource[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw wrong(`The folder ${given} cannot be read (${reasonOf(error)}).`, error);
  });
  if (names.some(isSetFile)) return [setIn(folder)];
  const sets: SetSource[] = [];
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const inside = await readdir(path).catch((error: unknown): readonly string[] => {
      if (['ENOTDIR', 'ENOENT'].includes(reasonOf(error))) return [];
      throw wrong(`The folder ${join(given, name)} cannot be read (${reasonOf(error)}).`, error);
    });
    if (inside.some(isSetFile)) sets.push(setIn(path));
  }
  if (sets.length === 0)
    throw wrong(`There is no labelled set in ${given}: neither tools.jsonl and queries.jsonl, nor folders with these.`);
  return sets;
}

function setIn(folder: string): SetSource {
  return {
    name: basename(folder),
    files: setFiles.map((name) => join(folder, name)),
    read: (signal) => readLabelledSet(folder, { signal }),
  };
}

function isSetFile(name: string): boolean {
  return setFiles.includes(name);
}

function wrong(message: string, cause?: unknown): CommandFailure {
  return new CommandFailure(exitCodes.usage, message, { cause });
}
