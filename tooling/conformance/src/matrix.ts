import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell } from './cells.ts';
import { type FixtureTarget, startGateway } from './gateway.ts';
import { startUntilReady } from './process.ts';
import { runServerSuite, type Verdict } from './suite.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Runs one cell: the suite's client, the gateway, the fixture. */
export async function runCell(cell: Cell, program: readonly string[], folder: string): Promise<Verdict> {
  const file = here(`fixture/${cell.upstream.fixture}`);
  await using fixture = cell.upstream.reached === 'url' ? await startUntilReady([file]) : undefined;
  const target: FixtureTarget =
    fixture === undefined ? { command: process.execPath, args: [file] } : { url: fixture.url };
  await using gateway = await startGateway(program, target, path.join(folder, `${cell.name}.yaml`));
  const expectedFailures = here(`../expected-failures/${cell.name}.yaml`);
  return await runServerSuite(gateway.url, cell.revision, path.join(folder, cell.name), expectedFailures);
}

/** Runs jobs, at most `places` at once; the results are in the order of the jobs. */
export async function inPlaces<T>(jobs: readonly (() => Promise<T>)[], places: number): Promise<T[]> {
  const results: T[] = [];
  const waiting = jobs.entries();
  const place = async (): Promise<void> => {
    for (const [index, job] of waiting) results[index] = await job();
  };
  await Promise.all(Array.from({ length: places }, place));
  return results;
}
