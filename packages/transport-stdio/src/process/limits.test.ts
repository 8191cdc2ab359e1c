import type { ProcessLimits } from '@toolyard/protocol';
import { describe, expect, test } from 'vitest';
import { stdioTransport } from '../stdio-transport.ts';
import { client, fixture, Lines } from '../testing/rig.ts';
import { startChild } from './child.ts';
import { gateScript } from './gate-script.ts';
import { createGuardian } from './guardian.ts';
import { whyNotLimitable } from './spawn-process.ts';

const graces = { stdinGraceMs: 100, termGraceMs: 100 };

/** What a command that was given limits writes to stderr, until it ends. */
async function said(script: string, limits: ProcessLimits, guarded: boolean): Promise<readonly string[]> {
  const lines = new Lines();
  const child = await startChild(
    { command: 'sh', args: ['-c', script], limits },
    {
      upstream: 'u',
      environment: process.env,
      guardian: guarded ? createGuardian() : undefined,
      ...graces,
      onLog: lines.add,
    },
  );
  child.stdout.resume();
  await child.silenced;
  await child.stop();
  return lines.all;
}

describe.runIf(process.platform !== 'win32')('limits', () => {
  test.each([true, false])('hold for the command and what it starts (with a guardian: %s)', async (guarded) => {
    const all = { cpuSeconds: 7, openFiles: 64, ...(process.platform === 'linux' && { addressSpaceMb: 512 }) };
    const shown = await said('sh -c "ulimit -t; ulimit -n; ulimit -v" >&2', all, guarded);
    expect(shown).toEqual(['7', '64', process.platform === 'linux' ? String(512 * 1024) : 'unlimited']);
  });

  test.runIf(process.platform === 'linux')('on processes are set in whatever shell this is', async () => {
    expect(await said('grep processes /proc/self/limits >&2', { processes: 500 }, true)).toEqual([
      expect.stringMatching(/^Max processes +500 +500 /),
    ]);
  });

  test('on open files end a server that needs more, with its last words in the error', async () => {
    const target = { ...fixture('scripted-server'), limits: { openFiles: 4 } };
    const connecting = stdioTransport(graces).connect(target, { upstream: 'u', clientInfo: client });
    await expect(connecting).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });

  test('that the system refuses keep the server from being started, with the reason', async () => {
    const target = { ...fixture('scripted-server'), limits: { openFiles: Number.MAX_SAFE_INTEGER } };
    const connecting = stdioTransport(graces).connect(target, { upstream: 'u', clientInfo: client });
    await expect(connecting).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      message: expect.stringMatching(/last words: .*ulimit/),
    });
  });

  test('let a server that keeps them be reached', async () => {
    const target = { ...fixture('scripted-server'), limits: { cpuSeconds: 60, openFiles: 200 } };
    await using server = await stdioTransport(graces).connect(target, { upstream: 'u', clientInfo: client });
    expect(server.peer.wire).toBe('stdio');
  });
});

test.each([
  [{ openFiles: 0 }, {}, 'linux', 'its limit "openFiles" is no whole number from 1'],
  [{ cpuSeconds: 1.5 }, {}, 'linux', 'its limit "cpuSeconds" is no whole number from 1'],
  [{ openFiles: 9 }, {}, 'win32', 'Windows has no limits that a process could be given'],
  [{ openFiles: 9 }, { 'a-b': '' }, 'linux', expect.stringContaining('a variable of this name')],
  [{}, { 'a-b': '' }, 'win32', undefined],
  [undefined, {}, 'win32', undefined],
] as const)('%j with %j on %s: %j', (limits, environment, platform, why) => {
  expect(whyNotLimitable(limits, environment, platform)).toEqual(why);
});

test('what the gate does is this', () => {
  expect(gateScript(true)).toBe('read -r go <&3 && exec 3<&- && exec "$@"');
  expect(gateScript(false, { addressSpaceMb: 2, cpuSeconds: 3, openFiles: 4, processes: 5 })).toBe(
    'ulimit -v 2048 && ulimit -t 3 && ulimit -n 4 && { ulimit -u 5 2>/dev/null || ulimit -p 5; } && exec "$@"',
  );
});
