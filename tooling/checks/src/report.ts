import { countLine, sum } from './outcome.ts';
import type { Done } from './schedule.ts';

/** What became of a step; under it why something was skipped, where a line of its output says `…: skipped, why`. */
export function stepLine({ name, outcome, durationMs }: Done): string {
  const mark = outcome.failed > 0 ? 'FAILED' : 'ok';
  const reasons =
    outcome.skipped === 0 ? [] : outcome.output.split('\n').filter((line) => line.includes(': skipped, '));
  const line = `${mark.padEnd(7)}${name.padEnd(24)}${seconds(durationMs).padStart(8)}  ${countLine(outcome)}`;
  return [line, ...reasons.map((reason) => ''.padEnd(7) + reason.trim())].join('\n');
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
