import { expect, it } from 'vitest';

import type { ServerStatus } from './status.ts';
import { unreadiness } from './unreadiness.ts';

const servers = (...states: readonly ServerStatus['state'][]): readonly ServerStatus[] =>
  states.map((state, number) => ({ id: `s${number}`, state, tools: 0, prompts: 0, resources: 0 }));

it.each([
  ['ok', servers(), true, []],
  ['ok', servers('stopped'), true, []],
  ['degraded', servers('degraded', 'unhealthy'), true, []],
  ['ok', servers('healthy'), false, ['Servers are being started.']],
  ['stopping', servers('healthy'), true, ['It is stopping.']],
  [
    'starting',
    servers('starting', 'unhealthy', 'stopped'),
    true,
    ['No server answers: s0 is starting, s1 is unhealthy.'],
  ],
] as const)('a gateway that is %s, with %j (tried: %s), has %j against it', (status, all, settled, reasons) => {
  expect(unreadiness({ status, servers: all }, settled)).toEqual(reasons);
});

it('names ten servers at most', () => {
  const [reason] = unreadiness({ status: 'down', servers: servers(...Array<'unhealthy'>(12).fill('unhealthy')) }, true);
  expect(reason).toContain('s9 is unhealthy, 2 more.');
  expect(reason).not.toContain('s10');
});
