import { describe, expect, it } from 'vitest';

import { healthCode, overall } from './status.ts';

const up = { state: 'healthy' } as const;
const down = { state: 'unhealthy' } as const;
const degraded = { state: 'degraded' } as const;
const stopped = { state: 'stopped' } as const;
const starting = { state: 'starting' } as const;

describe('the state of the whole', () => {
  it.each([
    [[], 'ok', 200],
    [[up, up], 'ok', 200],
    [[up, down], 'degraded', 200],
    [[up, starting], 'degraded', 200],
    [[starting, down], 'starting', 503],
    [[down, down], 'down', 503],
    [[up, stopped], 'ok', 200],
    [[up, degraded], 'degraded', 200],
    [[degraded], 'degraded', 200],
  ] as const)('of %j is %s', (servers, status, code) => {
    expect(overall(servers, false)).toBe(status);
    expect(healthCode(status)).toBe(code);
  });

  it('is stopping once it stops, whatever its servers do', () => {
    expect(overall([up], true)).toBe('stopping');
    expect(healthCode('stopping')).toBe(503);
  });
});
