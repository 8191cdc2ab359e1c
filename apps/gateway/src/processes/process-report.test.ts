import type { InstanceStatus } from '@toolyard/orchestrator';
import type { LiveProcess } from '@toolyard/transport-stdio';
import { describe, expect, it } from 'vitest';

import { instanceStatus } from '../testing/fake-status.ts';
import { reportProcesses } from './process-report.ts';
import { renderProcesses } from './render-processes.ts';

const nowMs = 1_000_000_000;

function instance(number: number, pid: number | undefined, more: Partial<InstanceStatus> = {}): InstanceStatus {
  const peer = { revision: '2026-07-28', wire: 'stdio', ...(pid === undefined ? {} : { pid }) };
  return instanceStatus(number, { peer, inFlight: 1, calls: 7, attempts: 3, connects: 3, ...more });
}

function live(upstream: string, pid: number, more: Partial<LiveProcess> = {}): LiveProcess {
  return { upstream, pid, startedAtMs: nowMs - 5_000, command: 'node', state: 'running', ...more };
}

const lost = { code: 'UPSTREAM_CLOSED', message: 'It exited with code 3.' } as const;
const slow = { code: 'SLOW', message: 'It is slow.' } as const;
const words = 'srv exited with code 3; its last words: no config';

const observed = {
  version: '1',
  words: () => words,
  origin: (server: string) => (server === 'remote' ? 'https://far.example' : undefined),
  servers: [
    {
      id: 'files',
      instances: [
        instance(1, 11),
        // Its last process is gone.
        instance(2, 12, {
          phase: 'down',
          inFlight: 0,
          attempts: 1,
          connects: 1,
          reason: lost,
          nextAttemptInMs: 11_001,
        }),
        instance(3, undefined, { phase: 'starting', peer: undefined, inFlight: 0, calls: 0, attempts: 1, connects: 0 }),
      ],
    },
    {
      id: 'web',
      instances: [
        instance(1, undefined, { state: 'degraded', reason: slow, url: { number: 1, origin: 'http://a:1' } }),
      ],
    },
    { id: 'remote', instances: [instance(1, undefined)] },
  ],
  live: [
    live('web', 30, { state: 'starting' }),
    live('undeployed', 40, { state: 'ending' }),
    live('files', 11),
    live('files', 13, { startedAtMs: nowMs + 5 }),
  ],
  memory: new Map([[11, 84 * 1_048_576]]),
  nowMs,
};

describe('the processes', () => {
  it('stand with the instances that they belong to, and by themselves where they belong to none', () => {
    expect(reportProcesses(observed)).toEqual({
      version: '1',
      processes: [
        {
          server: 'files',
          instance: 1,
          pid: 11,
          command: 'node',
          state: 'up',
          ageMs: 5_000,
          memoryBytes: 84 * 1_048_576,
          calls: 7,
          inFlight: 1,
          restarts: 2,
        },
        {
          server: 'files',
          instance: 2,
          state: 'down',
          calls: 7,
          inFlight: 0,
          restarts: 0,
          problem: words,
          nextAttemptInMs: 11_001,
        },
        { server: 'files', instance: 3, state: 'starting', calls: 0, inFlight: 0, restarts: 0 },
        { server: 'files', pid: 13, command: 'node', state: 'starting', ageMs: 0 },
        {
          server: 'web',
          instance: 1,
          url: 'http://a:1',
          state: 'up',
          calls: 7,
          inFlight: 1,
          restarts: 2,
          problem: slow.message,
        },
        { server: 'web', pid: 30, command: 'node', state: 'starting', ageMs: 5_000 },
        { server: 'remote', instance: 1, url: 'https://far.example', state: 'up', calls: 7, inFlight: 1, restarts: 2 },
        { server: 'undeployed', pid: 40, command: 'node', state: 'ending', ageMs: 5_000 },
      ],
    });
  });

  it('are shown as a table, with what is wrong, and when that is tried again', () => {
    expect(renderProcesses(reportProcesses({ ...observed, live: observed.live.slice(0, 3) }).processes)).toBe(
      [
        'server      instance  pid  state     age  memory  calls  in flight  restarts  command or URL',
        'files       1         11   up        5 s  84 MiB  7      1          2         node',
        'files       2         -    down      -    -       7      0          0         -',
        'files       3         -    starting  -    -       0      0          0         -',
        'web         1         -    up        -    -       7      1          2         http://a:1',
        'web         -         30   starting  5 s  -       -      -          -         node',
        'remote      1         -    up        -    -       7      1          2         https://far.example',
        'undeployed  -         40   ending    5 s  -       -      -          -         node',
        '',
        'Not as it should be:',
        `  files 2: ${words} It is tried again in 12 s.`,
        '  web 1: It is slow.',
      ].join('\n'),
    );
    expect(renderProcesses([])).toBe('Nothing is started or connected.');
  });

  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_000, '59 min 59 s'],
    [3_600_000, '1 h'],
    [90_061_000, '1 d 1 h'],
    [86_400_000 * 30 + 61_000, '30 d'],
  ])('that are %d ms old are so in words: %s', (ageMs, words) => {
    const [, row] = renderProcesses([{ server: 'a', state: 'up', ageMs }]).split('\n');
    expect(row?.split(/ {2,}/)[4]).toBe(words);
  });
});
