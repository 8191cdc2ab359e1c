import { describe, expect, it } from 'vitest';
import { failedOne } from './outcome.ts';
import { report, stepLine } from './report.ts';

const fine = {
  name: 'test protocol',
  durationMs: 1234,
  outcome: { passed: 40, failed: 0, skipped: 1, output: 'hidden' },
};

describe('the report', () => {
  it('is short when nothing failed, and ends with the counts', () => {
    expect(report([fine], 2000)).toBe('                                  2.0 s\n40 passed, 0 failed, 1 skipped\n');
  });

  it('shows the output of what failed in full, then every step', () => {
    expect(report([fine, { name: 'lint', durationMs: 500, outcome: failedOne('line 1\nline 2\n') }], 3000)).toBe(
      [
        '',
        '──── lint ────',
        'line 1',
        'line 2',
        '',
        '',
        'ok     test protocol              1.2 s  40 passed, 0 failed, 1 skipped',
        'FAILED lint                       0.5 s  0 passed, 1 failed',
        '                                  3.0 s',
        '40 passed, 1 failed, 1 skipped',
        '',
      ].join('\n'),
    );
  });

  it('says why a step skipped what it skipped', () => {
    const output = 'noise\nsnake: skipped, there is no Python of 3.10 or newer\n0 passed, 0 failed, 1 skipped\n';
    const outcome = { passed: 0, failed: 0, skipped: 1, output };
    expect(stepLine({ name: 'check:python', durationMs: 500, outcome })).toBe(
      'ok     check:python               0.5 s  0 passed, 0 failed, 1 skipped\n' +
        '       snake: skipped, there is no Python of 3.10 or newer',
    );
  });
});
