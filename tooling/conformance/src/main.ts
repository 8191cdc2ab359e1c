import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { tallyBeside } from './beside.ts';
import { type Cell, cells } from './cells.ts';
import { besideClientHalf, clientHalf, runClientHalf } from './client-half.ts';
import { gatewayProgram } from './gateway.ts';
import { inPlaces, runCell } from './matrix.ts';
import { cellText, crash, table, type Tally, tally, tallyClient } from './report.ts';

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

/** The frozen set, and what is outside of it. */
interface Tallies {
  readonly scored: Tally;
  readonly beside: Tally;
}

function sayBoth(name: string, { scored, beside }: Tallies, seconds: string): void {
  say(`${name.padEnd(34)}${cellText(scored)}, beside it ${cellText(beside)}, ${seconds}`);
  for (const line of [...scored.words, ...beside.words]) say(`    ${line}`);
}

function sum(of: readonly Tally[], what: 'passed' | 'of' | 'failed' | 'expected'): number {
  return of.reduce((total, one) => total + one[what], 0);
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: string }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, seconds: `${((performance.now() - startedMs) / 1_000).toFixed(1)} s` };
}

async function matrixCell(cell: Cell, folder: string): Promise<Tallies> {
  try {
    const { value: verdict, seconds } = await timed(() => runCell(cell, program, folder));
    const scored = tally(verdict, cell.scored);
    const beside = tallyBeside(verdict.unscored, cell);
    if (values.verbose) say(verdict.output);
    sayBoth(cell.name, { scored, beside }, seconds);
    return { scored, beside };
  } catch (error) {
    const scored = crash(cell.scored, error);
    say(`${cell.name.padEnd(34)}did not run: ${scored.words.join('\n')}`);
    return { scored, beside: crash(cell.beside, error) };
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
  const all = [...matrix.values()].map(({ scored }) => scored);
  const beside = [...matrix.values()].map(({ beside }) => beside);
  for (const { revision, scored } of clientHalf) {
    const name = `client-half-${revision}`;
    if (!wanted(name)) continue;
    const { value, seconds } = await timed(() => runClientHalf(revision, values.source, folder));
    const one = tallyClient(value.scored, scored);
    const rest = tallyClient(value.beside, besideClientHalf.length);
    if (values.verbose) say(value.output);
    sayBoth(name, { scored: one, beside: rest }, seconds);
    all.push(one);
    beside.push(rest);
  }
  const tallies = new Map([...matrix].map(([cell, { scored }]) => [cell, scored]));
  if (matrix.size > 0) say(`\n${table(tallies)}\n`);
  if (beside.length > 0) {
    say(`beside the frozen sets: ${sum(beside, 'passed') - sum(beside, 'expected')} of ${sum(beside, 'of')}`);
  }
  const expected = sum([...all, ...beside], 'expected');
  if (expected > 0) say(`${expected} are expected to fail or to be skipped, for reasons told in docs/conformance.md`);
  if (values.keep) say(`results are in ${folder}`);
  const failed = sum([...all, ...beside], 'failed');
  say(`${sum(all, 'passed')} passed, ${failed} failed`);
  process.exitCode = failed > 0 || all.length === 0 ? 1 : 0;
} finally {
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}
