import type { LeftOut, Orchestrator, ServerStatus, Transition } from '@toolyard/orchestrator';
import { createTeller } from '@toolyard/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { serverStatus } from '../testing/fake-status.ts';
import { logLeftOut } from './log-left-out.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const twice: LeftOut = { kind: 'tools', entry: 'a', reason: 'The server lists it twice: the first counts.' };
const many: LeftOut = { kind: 'tools', entry: '#10000', reason: 'The server lists more than 10000 entries.' };

function rig() {
  const [server, catalogue] = [createTeller<ServerStatus>(), createTeller<readonly []>()];
  const transition = createTeller<Partial<Transition>>();
  const lines: string[] = [];
  const log = pino(
    { level: 'info', base: null, timestamp: false, formatters: { level: (level) => ({ level }) } },
    { write: (line: string) => void lines.push(line) },
  );
  let now: readonly ServerStatus[] = [];
  const events = { server, catalogue, transition } as unknown as Orchestrator['events'];
  logLeftOut({ events, servers: () => now }, log);
  const settle = (): void => void vi.advanceTimersByTime(1_000);
  return {
    settle,
    gone: () => ((now = []), transition.tell({ server: 'files', to: undefined })),
    become(leftOut: readonly LeftOut[], more: Partial<ServerStatus> = {}) {
      const status = serverStatus('files', { leftOut, leftOutCount: leftOut.length, ...more });
      now = [serverStatus('good'), status];
      server.tell(status);
    },
    /** Since it was asked last. */
    heard: () =>
      lines.splice(0).map((line) => {
        const { level, msg } = JSON.parse(line) as { level: string; msg: string };
        return `${level} ${msg}`;
      }),
    collide(leftOut: readonly LeftOut[]) {
      now = [serverStatus('files', { leftOut, leftOutCount: leftOut.length })];
      catalogue.tell([]);
    },
  };
}

it('tells what is left out, once for each change, and that nothing is any more', () => {
  const { become, collide, settle, heard } = rig();
  become([]);
  become([twice, many]);
  settle();
  const words = '2 of its entries cannot be offered, such as a: The server lists it twice: the first counts.';
  expect(heard()).toEqual([`warn files: ${words}`]);
  become([twice, many]);
  settle();
  become([twice, many], { state: 'unhealthy' });
  settle();
  expect(heard()).toEqual([]);
  collide([many]);
  settle();
  expect(heard()).toEqual([
    'warn files: 1 of its entries cannot be offered, such as #10000: The server lists more than 10000 entries.',
  ]);
  become([]);
  settle();
  expect(heard()).toEqual(['info files: all its entries are offered now']);
});

it('writes 5 lines a minute about one server, and forgets one that is gone', () => {
  const { become, gone, settle, heard } = rig();
  for (let time = 0; time < 20; time++) {
    become(time % 2 === 0 ? [twice] : []);
    settle();
  }
  expect(heard()).toHaveLength(5);
  gone();
  become([twice]);
  settle();
  expect(heard()).toHaveLength(1);
});
