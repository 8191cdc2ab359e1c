import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { stdioTransport } from '../stdio-transport.ts';
import { client } from '../testing/rig.ts';
import { spawned } from './spawned.ts';

test.each([
  ['ENFILE', /all open files that the system has/],
  ['EAGAIN', /as many processes as it may .*"ulimit -u"/],
  ['ENOMEM', /no memory for another process/],
  ['EOTHER', /^spawn EOTHER$/],
])('says what the system ran out of: %s', async (code, words) => {
  const failing = (): never => {
    throw Object.assign(new Error(`spawn ${code}`), { code });
  };
  await expect(spawned(failing)).rejects.toThrow(words);
});

test('gives a process that runs at once', () => {
  const child = spawned(() => spawn('true'));
  expect(child).toHaveProperty('pid', expect.any(Number));
});

test('arguments that are more than a process can have are UPSTREAM_UNREACHABLE', async () => {
  const target = { command: 'true', args: ['x'.repeat(4_000_000)] };
  const connecting = stdioTransport().connect(target, { upstream: 'u', clientInfo: client });
  await expect(connecting).rejects.toMatchObject({
    code: 'UPSTREAM_UNREACHABLE',
    message: expect.stringContaining('E2BIG'),
  });
});
