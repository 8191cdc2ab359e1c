import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { isAlive, Lines, pidOf } from '../testing/rig.ts';
import type { Child } from './child.ts';
import { startChild } from './child.ts';
import { createGuardian } from './guardian.ts';

const gatewayFile = fileURLToPath(new URL('../testing/gateway.ts', import.meta.url));

/** A gateway process with children that ignore everything but SIGKILL; `mark` stands in the command line of all of them. */
function startGateway(children: number): { gateway: ChildProcess; lines: Lines; mark: number } {
  const mark = randomInt(1e9, 2e9);
  const gateway = spawn(
    process.execPath,
    ['--conditions=@toolyard/source', gatewayFile, String(children), String(mark)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    },
  );
  const lines = new Lines();
  createInterface({ input: gateway.stdout }).on('line', lines.add);
  return { gateway, lines, mark };
}

async function processesWith(text: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,stat=,args=']);
  return stdout.split('\n').filter((line) => line.includes(text));
}

async function expectNoneLeft(mark: number): Promise<void> {
  await vi.waitFor(async () => expect(await processesWith(String(mark))).toEqual([]), { timeout: 5_000, interval: 50 });
}

function stubbornChild(
  guardian: ReturnType<typeof createGuardian>,
  script = 'trap "" TERM; while :; do sleep 100; done',
): Promise<Child> {
  const options = { upstream: 'u', environment: process.env, guardian, stdinGraceMs: 20, termGraceMs: 20 };
  return startChild({ command: 'sh', args: ['-c', script] }, options);
}

describe('the guardian', () => {
  test('leaves no child and no grandchild when the gateway is killed', async () => {
    const { gateway, lines, mark } = startGateway(5);
    const guardian = Number((await lines.with('started guardian')).split(' ')[2]);
    await vi.waitFor(async () => expect((await processesWith(`sleep ${mark}`)).length).toBeGreaterThanOrEqual(10));
    gateway.kill('SIGKILL');
    await expectNoneLeft(mark);
    await vi.waitFor(() => expect(isAlive(guardian)).toBe(false));
  });

  test('leaves nothing at whatever moment of starting the gateway is killed', { timeout: 60_000 }, async () => {
    const round = async (delayMs: number): Promise<void> => {
      const { gateway, lines, mark } = startGateway(3);
      await lines.with('starting');
      // The stimulus itself: from before the first child exists to after the last one runs.
      await setTimeout(delayMs);
      gateway.kill('SIGKILL');
      await once(gateway, 'exit');
      await expectNoneLeft(mark);
    };
    for (let delayMs = 0; delayMs < 40; delayMs += 8) {
      await Promise.all([round(delayMs), round(delayMs + 2), round(delayMs + 4), round(delayMs + 6)]);
    }
  });

  test('survives what ends the whole process group of the gateway', async () => {
    const { gateway, lines, mark } = startGateway(2);
    await lines.with('started guardian');
    process.kill(-pidOf(gateway), 'SIGKILL');
    await expectNoneLeft(mark);
  });

  test('is one process for many children, and ends with the last of them', async () => {
    const guardian = createGuardian();
    const children = await Promise.all([stubbornChild(guardian), stubbornChild(guardian), stubbornChild(guardian)]);
    const { pid = 0 } = guardian;
    expect(isAlive(pid)).toBe(true);
    await children[0]?.stop();
    expect(guardian.pid).toBe(pid);
    await Promise.all(children.map((child) => child.stop()));
    expect(guardian.pid).toBeUndefined();
    expect(isAlive(pid)).toBe(false);
  });

  test('forgets a group that is over, since its number may be given to others', async () => {
    const guardian = createGuardian();
    const stranger = spawn('sleep', ['100'], { detached: true });
    await once(stranger, 'spawn');
    const group = stranger.pid ?? 0;
    await using stay = { [Symbol.asyncDispose]: () => guardian.forget(1_999_999_999) };
    await guardian.watch(1_999_999_999);
    await guardian.watch(group);
    await guardian.watch(group);
    await guardian.forget(group);
    await stay[Symbol.asyncDispose]();
    expect(isAlive(group)).toBe(true);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  test('is started again when somebody kills it, and knows all groups', async () => {
    const guardian = createGuardian();
    const child = await stubbornChild(guardian);
    const first = guardian.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => {
      expect(guardian.pid).toBeDefined();
      expect(guardian.pid).not.toBe(first);
    });
    const second = guardian.pid ?? 0;
    // Its lifeline is in this process, so only its own end can be looked at: it goes with the last group.
    await child.stop();
    await vi.waitFor(() => expect(isAlive(second)).toBe(false));
  });

  test('where it cannot be started, a child is not left without it', async () => {
    const guardian = createGuardian({ shell: '/no/such/shell' });
    await expect(stubbornChild(guardian)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });
});

test('a leader that exits takes the rest of its group with it', async () => {
  const lines = new Lines();
  const child = await startChild(
    { command: 'sh', args: ['-c', 'trap "" TERM; sleep 100 & echo $! >&2'] },
    {
      upstream: 'u',
      environment: process.env,
      guardian: createGuardian(),
      stdinGraceMs: 20,
      termGraceMs: 20,
      onLog: lines.add,
    },
  );
  await child.exited;
  const descendant = Number(await lines.with(''));
  await child.stop();
  await vi.waitFor(() => expect(isAlive(descendant)).toBe(false));
});
