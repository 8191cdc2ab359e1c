import { countLine, sum } from './outcome.ts';
import type { Done } from './schedule.ts';

export function stepLine({ name, outcome, durationMs }: Done): string {
  const mark = outcome.failed > 0 ? 'FAILED' : 'ok';
  return `${mark.padEnd(7)}${name.padEnd(24)}${seconds(durationMs).padStart(8)}  ${countLine(outcome)}`;
}

/**
 * What follows the lines of the steps: the output of each that failed, in full, then all lines again so that nobody has to scroll, and the
 * counts as the last line.
 */
export function report(steps: readonly Done[], totalMs: number): string {
  const failures = steps.filter(({ outcome }) => outcome.failed > 0);
  const counts = sum(steps.map(({ outcome }) => outcome));
  const again = failures.length === 0 ? [] : ['', ...steps.map(stepLine)];
  return [
    ...failures.map(({ name, outcome }) => `\n──── ${name} ────\n${outcome.output.trimEnd()}\n`),
    ...again,
    `${''.padEnd(31)}${seconds(totalMs).padStart(8)}`,
    countLine(counts),
    '',
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
