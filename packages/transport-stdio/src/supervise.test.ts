import type { SuperviseClock, SupervisedState } from '@toolyard/protocol';
import { supervise } from '@toolyard/protocol';
import { describe, expect, test, vi } from 'vitest';
import { stdioTransport } from './stdio-transport.ts';
import { client, fixture, isAlive, Lines, pidOf, toolCall } from './testing/rig.ts';

test('a server that is killed is started again by supervise, in a process of its own', async () => {
  const transport = stdioTransport();
  const target = fixture('scripted-server');
  await using server = supervise(
    (signal) => transport.connect(target, { upstream: 'files', clientInfo: client, signal }),
    {
      upstream: 'files',
      firstDelayMs: 10,
    },
  );
  const first = await server.whenUp();
  process.kill(pidOf(first), 'SIGKILL');
  while (server.state.kind === 'up') await new Promise(setImmediate);
  const second = await server.whenUp();
  expect(second.pid).not.toBe(first.pid);
  await server.service(toolCall('pid'));
  await server.close();
  expect(isAlive(pidOf(second))).toBe(false);
});

describe('a server that crashes again and again', () => {
  /** A clock that stands still unless it is told, and on which every pause is over at once. */
  function impatientClock(): SuperviseClock & { wait(ms: number): void; readonly pauses: readonly number[] } {
    let nowMs = 0;
    const pauses: number[] = [];
    return {
      pauses,
      wait: (ms) => void (nowMs += ms),
      nowMs: () => nowMs,
      later(act, ms) {
        pauses.push(ms);
        const soon = setImmediate(act);
        return () => clearImmediate(soon);
      },
    };
  }
  const bounds = { upstream: 'files', firstDelayMs: 100, maxDelayMs: 1_000, random: () => 0.999_999 };
  const growing = [99, 199, 399, 799, 999, 999];

  test('at its start is started at growing intervals, up to a bound, each time in a process that is gone before the next', async () => {
    const clock = impatientClock();
    const lines = new Lines();
    const states: SupervisedState['kind'][] = [];
    const transport = stdioTransport();
    const target = fixture('scripted-server', 'exit');
    await using server = supervise(
      (signal) => transport.connect(target, { upstream: 'files', clientInfo: client, signal, onLog: lines.add }),
      { ...bounds, clock, maxAttempts: 7, onState: ({ kind }) => states.push(kind) },
    );
    expect(await server.closed).toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    expect(clock.pauses).toEqual(growing);
    expect(states).not.toContain('up');
    // The probe takes one, and the handshake of older revisions another.
    expect(lines.all.filter((line) => line === 'cannot find my config')).toHaveLength(2 * 7);
  });

  test.each([
    ['before it was up for long is started at growing intervals too', 9_900, growing],
    ['after it was up for long is started soon each time', 10_000, [99, 99, 99, 99, 99, 99]],
  ])('%s', async (_, upMs, pauses) => {
    const clock = impatientClock();
    const transport = stdioTransport();
    const target = fixture('scripted-server');
    await using server = supervise(
      (signal) => transport.connect(target, { upstream: 'files', clientInfo: client, signal }),
      { ...bounds, clock },
    );
    for (const loss of pauses.keys()) {
      const peer = await server.whenUp();
      clock.wait(upMs);
      process.kill(pidOf(peer), 'SIGKILL');
      await vi.waitFor(() => expect(clock.pauses).toHaveLength(loss + 1));
    }
    expect(clock.pauses).toEqual(pauses);
  });
});
