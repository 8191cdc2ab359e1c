import { describe, expect, it } from 'vitest';

import { activity, renderServers, renderStatus } from './render-status.ts';

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
        {
          id: 'dead',
          state: 'unhealthy',
          tools: 0,
          prompts: 0,
          resources: 0,
          problem: 'It ended\nat once.',
          nextAttemptInMs: 1,
        },
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
        '  dead: It ended at once. It is tried again in 1 s.',
      ].join('\n'),
    );
  });
});

describe('the table of what servers are busy with', () => {
  it('shows it for each, and nothing for those of gateways that do not tell', () => {
    const counts = { tools: 3, prompts: 0, resources: 0 };
    const busy = { instancesUp: 1, instances: 2, inFlight: 3, queued: 4, restarts: 5, p95Ms: 6.7 };
    const { p95Ms: _, ...idle } = busy;
    expect(
      renderServers(
        [
          { id: 'files', state: 'degraded', ...counts, activity: busy },
          { id: 'idle', state: 'healthy', ...counts, activity: idle },
          { id: 'older', state: 'starting', ...counts },
        ],
        activity,
      ),
    ).toBe(
      [
        'server  state     instances  in flight  queued  p95   restarts  tools',
        'files   degraded  1/2        3          4       7 ms  5         3',
        'idle    healthy   1/2        3          4       -     5         3',
        'older   starting  -          -          -       -     -         -',
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
