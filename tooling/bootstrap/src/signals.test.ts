import { describe, expect, it } from 'vitest';
import { makeCheckout, type Running } from './testing/checkout.ts';

/** The program's own process, once it is up. */
async function programOf(running: Running): Promise<number> {
  return Number(/ready (\d+)/.exec(await running.printed('ready'))?.[1]);
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s reaches the program, whose end is the end of the command',
    async (signal) => {
      await using checkout = await makeCheckout();
      const running = checkout.start(['start']);
      await programOf(running);
      running.child.kill(signal);
      const { code, stdout } = await running.ended;
      expect(code).toBe(7);
      expect(stdout).toContain(`${signal} 1\n`);
    },
  );

  it('that a terminal, npm and the bootstrap each deliver is one for the program', async () => {
    await using checkout = await makeCheckout();
    const running = checkout.start(['start']);
    const program = await programOf(running);
    process.kill(program, 'SIGINT');
    running.child.kill('SIGINT');
    running.child.kill('SIGINT');
    expect((await running.ended).stdout).toContain('SIGINT 1\n');
  });

  it('that nobody can forward, because the command was killed, becomes a SIGTERM', async () => {
    await using checkout = await makeCheckout();
    const running = checkout.start(['start']);
    const program = await programOf(running);
    running.child.kill('SIGKILL');
    expect(await isGone(program)).toBe(true);
    expect((await running.ended).stdout).toContain('SIGTERM 1\n');
  });

  it('is not needed where npm itself is killed: the program ends with it', async () => {
    await using checkout = await makeCheckout();
    await checkout.run(['build']);
    const npm = `
      const { spawn } = require('node:child_process');
      spawn(process.execPath, ['tooling/bootstrap/run.cjs', 'start'], { stdio: 'inherit', env: { ...process.env, npm_lifecycle_event: 'start' } });
    `;
    await checkout.write('npm.cjs', npm);
    const running = checkout.start([], { script: 'npm.cjs' });
    const program = await programOf(running);
    running.child.kill('SIGKILL');
    expect(await isGone(program)).toBe(true);
    expect((await running.ended).stdout).toContain('SIGTERM 1\n');
  });

  it('while it installs ends the command, and the next one works', async () => {
    await using checkout = await makeCheckout();
    const running = checkout.start(['start'], { env: { FAKE_SLOW_MS: '60000' } });
    while ((await checkout.calls()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ signal: 'SIGINT', stdout: '' });
    expect(await checkout.run(['toolyard', 'exit', '0'])).toMatchObject({ code: 0 });
  });
});
