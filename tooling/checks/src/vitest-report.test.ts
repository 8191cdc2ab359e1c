import { describe, expect, it } from 'vitest';
import { readVitestReport } from './vitest-report.ts';

const report = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  numFailedTestSuites: 0,
  success: true,
};

describe('the report of a vitest run', () => {
  it('gives its counts', () => {
    expect(readVitestReport(JSON.stringify(report), 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
  });

  it('has the failures of tests', () => {
    const failed = { ...report, numFailedTests: 2, success: false };
    expect(readVitestReport(JSON.stringify(failed), 1)).toMatchObject({ failed: 2 });
  });

  it('has a failure when a file broke before its first test', () => {
    const broken = { ...report, numFailedTestSuites: 1, success: false };
    expect(readVitestReport(JSON.stringify(broken), 1)).toMatchObject({ passed: 5, failed: 1 });
  });

  it('has a failure when the run itself failed', () => {
    expect(readVitestReport(JSON.stringify(report), 1)).toMatchObject({ passed: 5, failed: 1 });
    expect(readVitestReport(JSON.stringify(report), null)).toMatchObject({ failed: 1 });
  });

  it.each(['', 'not json', '{}', 'null'])('is not read from %j', (text) => {
    expect(readVitestReport(text, 0)).toBeUndefined();
  });
});
