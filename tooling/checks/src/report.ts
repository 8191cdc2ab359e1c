import { countLine, sum } from './outcome.ts';
import type { Done } from './schedule.ts';

export function stepLine({ name, outcome, durationMs }: Done): string {
  const mark = outcome.failed > 0 ? 'FAILED' : 'ok';
  return `${mark.padEnd(7)}${name.padEnd(24)}${seconds(durationMs).padStart(8)}  ${countLine(outcome)}`;
}

/** The output of each failed step in full, the table of all steps, and the counts as the last line. */
export function report(steps: readonly Done[], totalMs: number): string {
  const failures = steps.filter(({ outcome }) => outcome.failed > 0);
  const counts = sum(steps.map(({ outcome }) => outcome));
  return [
    ...failures.map(({ name, outcome }) => `\n──── ${name} ────\n${outcome.output.trimEnd()}\n`),
    '',
    ...steps.map(stepLine),
    `${''.padEnd(31)}${seconds(totalMs).padStart(8)}`,
    countLine(counts),
    '',
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
