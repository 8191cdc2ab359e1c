import { type Cell, revisions, type Upstream } from './cells.ts';
import type { Scenario, Verdict } from './suite.ts';

/** What became of a cell, or of the client half: numbers for the last line, and words for whoever has to mend it. */
export interface Tally {
  readonly passed: number;
  readonly of: number;
  /** Scenarios that fail as a file of expected failures says. They are among `passed`. */
  readonly expected: number;
  readonly failed: number;
  readonly words: readonly string[];
}

export function crash(of: number, error: unknown): Tally {
  return { passed: 0, of, expected: 0, failed: of, words: [error instanceof Error ? error.message : String(error)] };
}

/** Counts a cell. What is expected to fail has passed where the suite accepts it. A suite that ran fewer scenarios than the frozen set has, or refuses for a reason that no scenario shows, is one more failure. */
export function tally(verdict: Verdict, scored: number): Tally {
  const bad = verdict.scored.filter(({ findings }) => findings.length > 0);
  const accepted = bad.filter(
    ({ name, findings }) =>
      verdict.expected.has(name) || findings.every(({ id }) => verdict.expected.has(`${name}:${id}`)),
  );
  const failed = bad.filter((scenario) => !accepted.includes(scenario));
  const words = failed.flatMap(describe);
  for (const entry of verdict.stale) words.push(`${entry}: is expected to fail, and passes`);
  if (verdict.scored.length !== scored) words.push(`${verdict.scored.length} of ${scored} scored scenarios were run`);
  const clean = verdict.accepted && verdict.scored.length === scored;
  const missed = Math.max(scored - verdict.scored.length, 0);
  return {
    passed: verdict.scored.length - failed.length,
    of: scored,
    expected: accepted.length,
    failed: Math.max(failed.length + missed, clean ? 0 : 1),
    words,
  };
}

/** Counts the client half, where nothing is expected to fail. */
export function tallyClient(scenarios: readonly Scenario[], scored: number): Tally {
  const bad = scenarios.filter(({ findings, checks }) => findings.length > 0 || checks === 0);
  const words = bad.flatMap(describe);
  if (scenarios.length !== scored) words.push(`${scenarios.length} of ${scored} scenarios were run`);
  const failed = Math.max(bad.length, scenarios.length === scored ? 0 : 1);
  return { passed: scenarios.length - bad.length, of: scored, expected: 0, failed, words };
}

export function describe({ name, findings }: Scenario): string[] {
  return [
    name,
    ...findings.map(({ id, status, message }) => `  ${status === 'WARNING' ? 'should: ' : ''}${id}: ${message}`),
  ];
}

export function cellText({ passed, of, expected, failed }: Tally): string {
  const plain = passed - expected;
  const beside = expected > 0 ? ` (+${expected} expected)` : '';
  return `${plain} of ${of}${beside}${failed > 0 ? '  FAIL' : ''}`;
}

/** The matrix as text: a line for each kind of server, a column for each revision of the client. */
export function table(tallies: ReadonlyMap<Cell, Tally>): string {
  const rows = new Map<Upstream, string[]>();
  for (const [cell, one] of tallies) {
    const row = rows.get(cell.upstream) ?? revisions.map(() => '');
    row[revisions.findIndex(({ revision }) => revision === cell.revision)] = cellText(one);
    rows.set(cell.upstream, row);
  }
  const lines = [['upstream', ...revisions.map(({ revision }) => `client ${revision}`)]];
  for (const [upstream, row] of rows) lines.push([upstream.name, ...row]);
  return lines
    .map((line) =>
      line
        .map((text) => text.padEnd(26))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
