import { expect, it, vi } from 'vitest';
import { run } from './process.ts';

const node = (script: string, options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}) =>
  run(process.execPath, ['--eval', script], { cwd: process.cwd(), ...options });

it('keeps what a program prints, and how it ends', async () => {
  const ended = await node(`console.log('out'); console.error('err'); process.exitCode = 3`);
  expect(ended).toMatchObject({ code: 3, signal: null, stdout: 'out\n' });
  expect(ended.output).toContain('err\n');
});

it('survives a program that kills its own group', async () => {
  expect(await node(`process.kill(0, 'SIGKILL')`)).toMatchObject({ code: null, signal: 'SIGKILL' });
});

it('ends what a program leaves behind', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1000)'], { stdio: 'inherit' });
    console.log(child.pid);
    child.unref();
  `;
  const { code, stdout } = await node(script);
  expect(code).toBe(0);
  await vi.waitFor(async () => {
    const { stdout: state } = await run('ps', ['-o', 'stat=', '-p', stdout.trim()], { cwd: process.cwd() });
    expect(state).toMatch(/^(Z.*)?\s*$/);
  });
});

it('kills a program that takes too long, and says so', async () => {
  const ended = await node('setInterval(() => undefined, 1000)', { timeoutMs: 100 });
  expect(ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(ended.output).toContain('(killed after 0.1 s)');
});

it('ends a program when it is aborted', async () => {
  const stop = new AbortController();
  const ended = node('setInterval(() => undefined, 1000)', { signal: stop.signal });
  stop.abort();
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
});

it('gives code 127 for a program that is not there', async () => {
  expect(await run('/no/such/program', [], { cwd: process.cwd() })).toMatchObject({ code: 127 });
});
