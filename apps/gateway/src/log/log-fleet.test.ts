import type { InstanceStatus, Orchestrator, ServerStatus, Transition } from '@toolyard/orchestrator';
import { createTeller } from '@toolyard/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { instanceStatus, serverStatus } from '../testing/fake-status.ts';
import { logFleet } from './log-fleet.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type State = ServerStatus['state'];

const lost = { code: 'UPSTREAM_CLOSED', message: 'It went away.' } as const;
const slow = { code: 'SLOW', message: 'It is slow.' } as const;

function instance(number: number, state: State): InstanceStatus {
  if (state === 'unhealthy') return instanceStatus(number, { state, phase: 'down', reason: lost });
  return instanceStatus(number, { state, reason: state === 'degraded' ? slow : undefined });
}

/** What is logged of a server whose states a test changes, less `debug`. */
function rig() {
  const server = createTeller<ServerStatus>();
  const transition = createTeller<Partial<Transition>>();
  const [recycle, registry, catalogue] = [createTeller(), createTeller(), createTeller()];
  const lines: string[] = [];
  const log = pino(
    { level: 'debug', base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(line) },
  );
  const events = { server, transition, recycle, registry, catalogue } as unknown as Orchestrator['events'];
  logFleet({ events, servers: () => [] }, log, () => 'srv exited with code 3; its last words: secret');
  return {
    gone: () => transition.tell({ server: 'files', to: undefined }),
    become(state: State, ...instances: readonly State[]) {
      const all = (instances.length === 0 ? [state] : instances).map((one, at) => instance(at + 1, one));
      const { reason } = all.find((one) => one.reason !== undefined) ?? {};
      server.tell(
        serverStatus('files', {
          state,
          counts: { tools: 2, prompts: 0, resources: 0, templates: 0 },
          instances: all,
          reason,
        }),
      );
    },
    /** Since it was asked last. */
    heard() {
      return lines.splice(0).flatMap((line) => {
        const { level, msg } = JSON.parse(line) as { level: string; msg: string };
        return level === 'debug' ? [] : `${level} ${msg}`;
      });
    },
  };
}

it('tells of a server that comes up, is not as it should be, goes down and comes back, once each', () => {
  const { become, heard } = rig();
  for (const state of ['starting', 'healthy', 'healthy', 'degraded', 'degraded', 'healthy'] as const) become(state);
  expect(heard()).toEqual(['info files is up', 'warn files is degraded: It is slow.', 'info files is healthy again']);
  for (const state of ['unhealthy', 'unhealthy', 'healthy', 'stopped'] as const) become(state);
  expect(heard()).toEqual(['warn files is down: srv exited with code 3; its last words: secret', 'info files is up']);
});

it('tells of an instance that is lost while others go on, and of its return', () => {
  const { become, heard } = rig();
  become('healthy', 'healthy', 'healthy');
  heard();
  become('degraded', 'healthy', 'unhealthy');
  become('degraded', 'degraded', 'unhealthy');
  become('healthy', 'healthy', 'healthy');
  expect(heard()).toEqual([
    'warn files is degraded: It went away.',
    'warn files: instance 2 is down: srv exited with code 3; its last words: secret',
    'warn files: instance 1 is degraded: It is slow.',
    'info files is healthy again',
    'info files: instance 1 is healthy again',
    'info files: instance 2 is healthy again',
  ]);
});

it('does not tell of each call by which a breaker finds out that nothing has changed', () => {
  const { become, heard } = rig();
  become('unhealthy');
  for (let time = 0; time < 5; time++) for (const state of ['degraded', 'unhealthy'] as const) become(state);
  become('degraded');
  become('healthy');
  expect(heard()).toEqual(['warn files is down: srv exited with code 3; its last words: secret', 'info files is up']);
  become('degraded', 'healthy', 'unhealthy');
  heard();
  for (const state of ['degraded', 'unhealthy', 'degraded', 'healthy'] as const) become('degraded', 'healthy', state);
  expect(heard()).toEqual(['info files: instance 2 is healthy again']);
});

it('writes 20 lines a minute about one server, and says that there is more', () => {
  const { become, heard } = rig();
  for (let time = 0; time < 50; time++) become(time % 2 === 0 ? 'unhealthy' : 'healthy');
  const lines = heard();
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('warn files changes often: what else becomes of it in this minute is told at debug');
  vi.advanceTimersByTime(60_000);
  become('unhealthy');
  expect(heard()).toHaveLength(1);
});

it('knows nothing any more of a server that is gone', () => {
  const { become, gone, heard } = rig();
  become('healthy');
  gone();
  become('healthy');
  expect(heard()).toEqual(['info files is up', 'info files is up']);
});
