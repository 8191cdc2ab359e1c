import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ServerState, Transition } from '../status.ts';
import { createOutcomes } from '../resilience/outcomes.ts';
import { type Transitions, watchTransitions } from './transitions.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Rig {
  readonly server: { id: string; state: ServerState; windows: [ReturnType<typeof createOutcomes>] };
  readonly transitions: Transitions;
  readonly heard: string[];
  looks: number;
}

function rig(state: ServerState = 'healthy'): Rig {
  const windows: Rig['server']['windows'] = [createOutcomes({ onTrouble: () => transitions.wake() })];
  const rigged = { server: { id: 'a', state, windows }, heard: [] as string[], looks: 0 };
  const watched = {
    id: 'a',
    windows,
    get condition() {
      rigged.looks++;
      const { state: now } = rigged.server;
      return { state: now, reason: now === 'healthy' ? undefined : ({ code: 'SLOW', message: now } as const) };
    },
  };
  const transitions: Transitions = watchTransitions({
    servers: () => [watched],
    onChange(server) {
      rigged.heard.push(server.id);
      transitions.look(server);
    },
  });
  transitions.told.listen(({ from, to, reason }: Transition) => rigged.heard.push(`${from} ${to} ${reason?.message}`));
  transitions.look(watched);
  rigged.heard.length = 0;
  return {
    ...rigged,
    transitions,
    get looks() {
      return rigged.looks;
    },
  };
}

it('tells within a second of a state that calls bring about, and of its end', async () => {
  const { server, transitions, heard } = rig();
  server.windows[0].record(performance.now(), true);
  server.state = 'degraded';
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toEqual(['a', 'healthy degraded degraded']);
  await vi.advanceTimersByTimeAsync(120_000);
  server.state = 'healthy';
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard.slice(2)).toEqual(['a', 'degraded healthy undefined']);
  transitions.close();
});

it('has no timer while all are well and no call was a fault for a minute', async () => {
  const { server, transitions } = rig();
  server.windows[0].record(performance.now(), false);
  expect(vi.getTimerCount()).toBe(0);
  server.windows[0].record(performance.now(), true);
  server.windows[0].record(performance.now(), true);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(75_000);
  expect(vi.getTimerCount()).toBe(0);
  server.windows[0].record(performance.now(), true);
  transitions.close();
  server.windows[0].record(performance.now(), true);
  expect(vi.getTimerCount()).toBe(0);
});

it('looks on while a server is not well, and ends its readers when it is closed', async () => {
  const rigged = rig('unhealthy');
  const { server, transitions } = rigged;
  const reader = transitions.told[Symbol.asyncIterator]();
  const before = rigged.looks;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(rigged.looks - before).toBeGreaterThanOrEqual(10);
  server.state = 'degraded';
  const told = reader.next();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await told).toMatchObject({ value: { from: 'unhealthy', to: 'degraded' } });
  transitions.close();
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});
