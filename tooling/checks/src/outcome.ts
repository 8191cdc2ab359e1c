/** What a step of the check found out. A step that is not made of tests counts as one. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Shown in full if something failed. */
  readonly output: string;
}

export function passedOne(output = ''): Outcome {
  return { passed: 1, failed: 0, skipped: 0, output };
}

export function failedOne(output: string): Outcome {
  return { passed: 0, failed: 1, skipped: 0, output };
}

export function sum(outcomes: readonly Outcome[]): Pick<Outcome, 'passed' | 'failed' | 'skipped'> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of outcomes) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** `3 passed, 1 failed`, and `, 2 skipped` if there are any: the form that `.ci/run` ends with. */
export function countLine({ passed, failed, skipped }: Pick<Outcome, 'passed' | 'failed' | 'skipped'>): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

const countForm = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/** The counts in the last line of a program's stdout, if it ends with them. */
export function readCountLine(stdout: string): Pick<Outcome, 'passed' | 'failed' | 'skipped'> | undefined {
  const match = countForm.exec(stdout.trimEnd().split('\n').at(-1)?.trim() ?? '');
  if (match === null) return undefined;
  const [, passed, failed, skipped = '0'] = match;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}
