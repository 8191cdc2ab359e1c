import type { Cell } from './cells.ts';
import { describe, type Tally } from './report.ts';
import type { Scenario } from './suite.ts';

const tasks = [
  'tasks-capability-negotiation',
  'tasks-dispatch-and-envelope',
  'tasks-lifecycle',
  'tasks-mrtr-composition',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-request-state-removal',
  'tasks-required-task-error',
  'tasks-wire-fields',
];

/**
 * Scenarios outside of the frozen set that do not pass in a cell, argued in docs/conformance.md. The suite reads no expectations for them, so they
 * have no file: what it skips is here for every kind of server, and tasks for fixtures that have none.
 */
function notPassing({ revision, upstream }: Cell): ReadonlySet<string> {
  if (revision !== '2026-07-28') return new Set();
  return new Set(['tasks-status-notifications', ...(upstream.tasks ? [] : tasks)]);
}

/** Counts what is outside of the frozen set. A scenario in which nothing was checked did not pass. */
export function tallyBeside(scenarios: readonly Scenario[], cell: Cell): Tally {
  const passes = ({ findings, checks }: Scenario): boolean => findings.length === 0 && checks > 0;
  const expected = notPassing(cell);
  const failed = scenarios.filter((scenario) => !passes(scenario) && !expected.has(scenario.name));
  const stale = scenarios.filter((scenario) => passes(scenario) && expected.has(scenario.name));
  const words = failed.flatMap((scenario) =>
    scenario.checks > 0 ? describe(scenario) : [`${scenario.name}: nothing was checked`],
  );
  for (const { name } of stale) words.push(`${name}: is expected not to pass, and passes`);
  const short = scenarios.length !== cell.beside;
  if (short) words.push(`${scenarios.length} of ${cell.beside} scenarios beside the frozen set were run`);
  return {
    passed: scenarios.length - failed.length,
    of: cell.beside,
    expected: scenarios.filter((scenario) => !passes(scenario) && expected.has(scenario.name)).length,
    failed: failed.length + stale.length + (short ? 1 : 0),
    words,
  };
}
