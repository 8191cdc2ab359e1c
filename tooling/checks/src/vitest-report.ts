import type { Outcome } from './outcome.ts';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

/**
 * The counts of vitest's JSON reporter, `undefined` if the text is no such report.
 *
 * A file that breaks before its first test, an unhandled rejection, or a run that dies adds a failure even though no test failed.
 */
export function readVitestReport(text: string, exitCode: number | null): Omit<Outcome, 'output'> | undefined {
  const report = parse(text);
  if (report === undefined) return undefined;
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = report;
  const broken = numFailedTests === 0 && (exitCode !== 0 || !report.success) ? 1 : 0;
  return { passed, failed: numFailedTests + broken, skipped: numPendingTests + numTodoTests };
}

function parse(text: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'numPassedTests' in value ? (value as Report) : undefined;
  } catch {
    return undefined;
  }
}
