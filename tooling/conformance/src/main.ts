import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell } from './cells.ts';
import { cells } from './cells.ts';
import { startUntilReady } from './process.ts';
import type { Verdict } from './suite.ts';
import { runSuite } from './suite.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const gateway = here('../../../apps/gateway/dist/main.js');

/** One server without prefixes: the suite looks for its fixtures by fixed names. */
function configuration(cell: Cell, url: string | undefined): string {
  const target =
    url === undefined
      ? { command: process.execPath, args: [here(`fixture/${cell.fixture}`)] }
      : { url };
  return JSON.stringify({ servers: { fixture: target }, orchestration: { naming: 'flat' } }, null, 2);
}

async function runCell(cell: Cell, folder: string): Promise<Verdict> {
  await using fixture =
    cell.upstream === 'http' ? await startUntilReady([here(`fixture/${cell.fixture}`)]) : undefined;
  const file = join(folder, `${cell.name}.yaml`);
  await writeFile(file, configuration(cell, fixture?.url));
  await using running = await startUntilReady([gateway, 'up', file, '--port', '0']);
  return await runSuite(
    running.url,
    cell.revision,
    join(folder, cell.name),
    here(`../expected-failures/${cell.name}.yaml`),
  );
}

/** Prints the matrix; the last line counts scored scenarios. `only`: names of cells; `verbose`: all that the suite says. */
async function main(only: readonly string[], verbose: boolean): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'toolyard-conformance-'));
  let passed = 0;
  let failed = 0;
  let refused = false;
  try {
    for (const cell of cells.filter(({ name }) => only.length === 0 || only.includes(name))) {
      const verdict = await runCell(cell, folder);
      const complete = verdict.passed.length + verdict.failed.length === cell.scored;
      const accepted = verdict.accepted && complete;
      passed += verdict.passed.length;
      failed += verdict.failed.length + (complete ? 0 : 1);
      refused ||= !accepted;
      const beside = [...verdict.unscored].filter(([, good]) => good).length;
      process.stdout.write(
        `${accepted ? 'ok  ' : 'FAIL'} ${cell.name.padEnd(14)} ${cell.revision}  ` +
          `${verdict.passed.length} of ${cell.scored} scored, ${beside} of ${verdict.unscored.size} unscored\n`,
      );
      for (const name of verdict.failed) process.stdout.write(`     failed: ${name}\n`);
      if (verbose || !accepted) process.stdout.write(`${verdict.output}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return refused || failed > 0 ? 1 : 0;
}

const args = process.argv.slice(2);
process.exitCode = await main(
  args.filter((arg) => !arg.startsWith('-')),
  args.includes('--verbose'),
);
