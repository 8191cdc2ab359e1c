import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cells } from './cells.ts';
import { gatewayProgram } from './gateway.ts';
import { inPlaces, runCell } from './matrix.ts';
import { cellText, crash, describe, table, tally } from './report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** All that the suite says. */
    verbose: { type: 'boolean', default: false },
    /** The gateway from its sources instead of what was built. */
    source: { type: 'boolean', default: false },
    /** Leaves the suite's results where they are, and says where. */
    keep: { type: 'boolean', default: false },
  },
});
const program = gatewayProgram(values.source);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const wanted = (name: string): boolean => positionals.length === 0 || positionals.some((part) => name.includes(part));

/** Two gateways, two suites and two fixtures are as many as a small machine runs without missing a deadline. */
const places = 2;

const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-conformance-'));
try {
  const chosen = cells.filter(({ name }) => wanted(name));
  const jobs = chosen.map((cell) => async () => {
    const startedMs = performance.now();
    const one = await runCell(cell, program, folder).then(
      (verdict) => {
        if (values.verbose) say(verdict.output);
        const failing = verdict.unscored.filter(({ findings }) => findings.length > 0);
        const count = `${verdict.unscored.length - failing.length} of ${verdict.unscored.length} beside`;
        if (values.verbose) for (const scenario of failing) for (const line of describe(scenario)) say(`beside: ${line}`);
        return { ...tally(verdict, cell.scored), count };
      },
      (error: unknown) => ({ ...crash(cell.scored, error), count: 'did not run' }),
    );
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    say(`${cell.name.padEnd(34)}${cellText(one)}, ${one.count}, ${seconds} s`);
    for (const line of one.words) say(`    ${line}`);
    return [cell, one] as const;
  });
  const tallies = new Map(await inPlaces(jobs, places));
  say(`\n${table(tallies)}\n`);
  const all = [...tallies.values()];
  const sum = (of: 'passed' | 'failed' | 'expected'): number => all.reduce((total, one) => total + one[of], 0);
  if (sum('expected') > 0) say(`${sum('expected')} expected to fail, for reasons told in docs/conformance.md`);
  if (values.keep) say(`results are in ${folder}`);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 || chosen.length === 0 ? 1 : 0;
} finally {
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
