import { expect, it } from 'vitest';
import type { LoadFigures } from '../load/tally.ts';
import { type Entry, peersReport } from './report.ts';

function score(perSecond: number, wrong: Partial<LoadFigures> = {}): LoadFigures {
  const memory = { mebibytes: 100, processes: 2 };
  const figures = { perSecond, p50Ms: 1.5, p99Ms: 2.25, cpuMicrosPerRequest: 50, memory };
  return { requests: 1_000, errors: 0, firstError: '', ...figures, ...wrong };
}

const entries: readonly Entry[] = [
  { name: 'gateway', way: 'http to http', speech: 'modern', version: undefined, score: score(20_000) },
  { name: 'gateway', way: 'http to http', speech: 'session', version: undefined, score: score(10_000) },
  { name: 'quick', way: 'http to http', speech: 'session', version: '1.2.3', score: score(2_500) },
  {
    name: 'faulty',
    way: 'http to stdio',
    speech: 'session',
    version: '2.0.0',
    score: score(100, { errors: 250, firstError: 'HTTP/1.1 500\nOops | no' }),
  },
  { name: 'absent', way: 'http to stdio', speech: 'sse', version: '3.0.0', reason: 'npm could not install it' },
];

it('has each contestant in the table of its way, measured by the gateway with clients of the same kind', () => {
  const report = peersReport(entries, []);
  expect(report).toContain('| gateway | 2026-07-28 | 20,000 | 1.50 | 2.25 | 50 | 100 (2) | 100% | 0 |\n');
  expect(report).toContain('| quick 1.2.3 | 2025-11-25, sessions | 2,500 | 1.50 | 2.25 | 50 | 100 (2) | 25% | 0 |\n');
  expect(report.indexOf('quick 1.2.3')).toBeLessThan(report.indexOf('server a process'));
  expect(report.indexOf('faulty 2.0.0')).toBeGreaterThan(report.indexOf('server a process'));
});

it('leaves out nobody: what failed is told with its share and its words, what could not be measured with the reason', () => {
  const report = peersReport(entries, [{ name: 'elsewhere', reason: 'it is not in npm' }]);
  expect(report).toContain('| 100 (2) |  | 25% |\n');
  expect(report).toContain(
    '- faulty (http to stdio) answered 250 of 1000 calls wrongly, the first with: HTTP/1.1 500 Oops | no\n',
  );
  expect(report).toContain('| absent 3.0.0 | 2024-11-05, HTTP+SSE | not measured |');
  expect(report).toContain('- absent (http to stdio) was not measured: npm could not install it\n');
  expect(report).toContain('- elsewhere was not measured: it is not in npm.\n');
});
