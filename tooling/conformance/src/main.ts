import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Cell, cells } from './cells.ts';
import { clientHalf, runClientHalf } from './client-half.ts';
import { gatewayProgram } from './gateway.ts';
import { inPlaces, runCell } from './matrix.ts';
import { cellText, crash, describe, table, type Tally, tally, tallyClient } from './report.ts';

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
const wanted = (name: string): boolean => positionals.length === 0 || positionals.some((part) => name.includes(part));

/** Two gateways, two suites and two fixtures are as many as a small machine runs without missing a deadline. */
const places = 2;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function sayTally(name: string, one: Tally, beside: readonly string[]): void {
  say([name.padEnd(34) + cellText(one), ...beside].join(', '));
  for (const line of one.words) say(`    ${line}`);
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: string }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, seconds: `${((performance.now() - startedMs) / 1_000).toFixed(1)} s` };
}

async function matrixCell(cell: Cell, folder: string): Promise<Tally> {
  try {
    const { value: verdict, seconds } = await timed(() => runCell(cell, program, folder));
    const one = tally(verdict, cell.scored);
    const failing = verdict.unscored.filter(({ findings }) => findings.length > 0);
    const beside = `${verdict.unscored.length - failing.length} of ${verdict.unscored.length} beside`;
    if (values.verbose) say([verdict.output, ...failing.flatMap(describe).map((line) => `beside: ${line}`)].join('\n'));
    sayTally(cell.name, one, [beside, seconds]);
    return one;
  } catch (error) {
    const one = crash(cell.scored, error);
    sayTally(cell.name, one, ['did not run']);
    return one;
  }
}

const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-conformance-'));
try {
  const chosen = cells.filter(({ name }) => wanted(name));
  const matrix = new Map(
    await inPlaces(
      chosen.map((cell) => async () => [cell, await matrixCell(cell, folder)] as const),
      places,
    ),
  );
  const all = [...matrix.values()];
  for (const { revision, scored } of clientHalf) {
    const name = `client-half-${revision}`;
    if (!wanted(name)) continue;
    const { value, seconds } = await timed(() => runClientHalf(revision, values.source, folder));
    const one = tallyClient(value.scenarios, scored);
    if (values.verbose) say(value.output);
    sayTally(name, one, [seconds]);
    all.push(one);
  }
  if (matrix.size > 0) say(`\n${table(matrix)}\n`);
  const sum = (of: 'passed' | 'failed' | 'expected'): number => all.reduce((total, one) => total + one[of], 0);
  if (sum('expected') > 0)
    say(`${sum('expected')} of these are expected to fail, for reasons told in docs/conformance.md`);
  if (values.keep) say(`results are in ${folder}`);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 || all.length === 0 ? 1 : 0;
} finally {
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
