import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { type LabelledSet, readLabelledSet, readQueries } from '@toolyard/native-index/evaluate';

import { CommandFailure, exitCodes } from '../../cli/exit-codes.ts';
import { documentOf, type GatewayTool } from '../../client/gateway-tools.ts';
import type { EvalOptions } from './eval-options.ts';

/** A labelled set that is read when its turn comes. */
export interface SetSource {
  readonly name: string;
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
  if (queries === undefined)
    throw wrong('Say what to evaluate: --data <folder>, or --queries <file> and --tools <file>.');
  const queriesFile = resolve(cwd, queries);
  if (tools !== undefined) {
    const files = { tools: resolve(cwd, tools), queries: queriesFile };
    return [{ name: basename(queriesFile), read: (signal) => readLabelledSet(files, { signal }) }];
  }
  const read = async (signal: AbortSignal): Promise<LabelledSet> => ({
    queries: await readQueries(queriesFile, { signal }),
    tools: (await gatewayTools(signal)).map(documentOf),
  });
  return [{ name: 'gateway', read }];
}

/** The folder itself where it has `tools.jsonl`, else those of its folders that have it or `queries.jsonl`. */
async function setsIn(folder: string, given: string): Promise<readonly SetSource[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw wrong(`The folder ${given} cannot be read (${codeOf(error)}).`, error);
  });
  const source = (path: string): SetSource => ({
    name: basename(path),
    read: (signal) => readLabelledSet(path, { signal }),
  });
  if (entries.some(({ name }) => isSetFile(name))) return [source(folder)];
  const sets: SetSource[] = [];
  for (const name of entries.map((entry) => entry.name).toSorted()) {
    const path = join(folder, name);
    if (!(await stat(path)).isDirectory()) continue;
    if ((await readdir(path)).some(isSetFile)) sets.push(source(path));
  }
  if (sets.length === 0)
    throw wrong(`There is no labelled set in ${given}: neither tools.jsonl and queries.jsonl, nor folders with these.`);
  return sets;
}

function isSetFile(name: string): boolean {
  return name === 'tools.jsonl' || name === 'queries.jsonl';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function wrong(message: string, cause?: unknown): CommandFailure {
  return new CommandFailure(exitCodes.usage, message, { cause });
}
