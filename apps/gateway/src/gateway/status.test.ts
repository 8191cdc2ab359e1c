import { describe, expect, it } from 'vitest';

import { healthCode, overall, renderServers, renderStatus } from './status.ts';

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

describe('the table of servers', () => {
  it('shows each, and then what is wrong', () => {
    expect(
      renderServers([
        {
          id: 'files',
          state: 'healthy',
          wire: 'stdio',
          revision: '2025-11-25',
          tools: 14,
          prompts: 0,
          resources: 1,
          readyMs: 412.4,
        },
        { id: 'dead', state: 'unhealthy', tools: 0, prompts: 0, resources: 0, problem: 'It ended\nat once.' },
        { id: 'slow', state: 'starting', tools: 0, prompts: 0, resources: 0 },
      ]),
    ).toBe(
      [
        'server  state      connected by  era         tools  prompts  resources  ready in',
        'files   healthy    stdio         2025-11-25  14     0        1          412 ms',
        'dead    unhealthy  -             -           0      0        0          -',
        'slow    starting   -             -           -      -        -          -',
        '',
        'Not as it should be:',
        '  dead: It ended at once.',
      ].join('\n'),
    );
  });
});

describe('the status as people read it', () => {
  it('shows profiles below the servers, where there are any', () => {
    const servers = [{ id: 'a', state: 'healthy', tools: 1, prompts: 0, resources: 0 }] as const;
    expect(renderStatus({ servers })).toBe(renderServers(servers));
    const profiles = [
      { name: 'work', mode: 'direct', tools: 3, endpoint: 'http://h/mcp/work' },
      { name: 'x', mode: 'auto', tools: 0 },
    ] as const;
    expect(renderStatus({ servers, profiles })).toBe(
      `${renderServers(servers)}\n\nprofile  mode    tools  endpoint\nwork     direct  3      http://h/mcp/work\nx        auto    0      -`,
    );
  });
});
