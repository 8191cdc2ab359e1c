import { parseConfiguration } from '@toolyard/registry';
import { expect, it } from 'vitest';

import { changesBetween } from '../reload/changes.ts';
import { adjustableSettings } from './settings.ts';

it('the pace of probes reaches the orchestrator, and connections that have none of their own are made anew with it', () => {
  const parse = (common: string) =>
    parseConfiguration(
      `servers: { own: { command: a, health: { probeIntervalMs: 5 } }, common: { command: b } }\norchestration: { ${common} }`,
      { environment: {} },
    );
  const [before, after] = [parse(''), parse('probeIntervalMs: 0')];
  expect([before, after].map(adjustableSettings)).toEqual([{}, { probeIntervalMs: 0 }]);
  const { changed, atOnce } = changesBetween(before, after);
  expect([changed.map(({ id }) => id), atOnce]).toEqual([['common'], ['orchestration.probeIntervalMs']]);
});
