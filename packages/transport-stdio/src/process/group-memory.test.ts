import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { pidOf } from '../testing/rig.ts';
import { processMemory } from './group-memory.ts';

const mib = 1_048_576;
/** Holds 80 MiB, and starts another that does the same if it is given the script. Each says so once it does. */
const hoarder = `
  const held = Buffer.alloc(${80 * mib}, 1);
  const script = process.argv[1];
  if (script) require('node:child_process').spawn(process.execPath, ['-e', script], { stdio: 'inherit' });
  process.stdout.write('held\\n');
  setInterval(() => held[0], 1000);
`;

test.runIf(process.platform !== 'win32')('counts a process with all of its group, and nothing else', async () => {
  const child = spawn(process.execPath, ['-e', hoarder, hoarder], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = pidOf(child);
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    await lines.next();
    const memory = await processMemory([pid, 1_999_999_999]);
    expect([...memory.keys()]).toEqual([pid]);
    expect(memory.get(pid)).toBeGreaterThan(160 * mib);
    expect(memory.get(pid)).toBeLessThan(600 * mib);
  } finally {
    const exited = once(child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await exited;
  }
  expect((await processMemory([pid])).get(pid) ?? 0).toBe(0);
  expect(await processMemory([])).toEqual(new Map());
});
