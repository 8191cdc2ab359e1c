import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
/** From the sources of the packages. */
const node = [
  '--conditions=@toolyard/source',
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  main,
];

function soak(...args: readonly string[]): Promise<{ readonly code: unknown; readonly table: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...node, ...args], (error, table) => resolve({ code: error?.code ?? 0, table }));
  });
}

it(
  '30 seconds of faults and 1,000 slow calls at once: every reply is right, nothing hangs, nothing is left',
  { timeout: 300_000 },
  async () => {
    const { code, table } = await soak('--seconds', '30', '--slow', '1000', '--seed', '7');
    expect(table).toMatch(/violations +0$/m);
    expect(table).toMatch(/slow calls +1000 of 1000 answered/);
    expect(table).toMatch(/from the cache +[1-9]/);
    expect(table).toMatch(/through .*\bgrpc \d/);
    // Each kind of trouble did come up.
    const kinds = ['kill', 'freeze', 'stall', 'trickle', 'cut', 'twice', 'other-id', 'bad-utf8', 'huge'];
    for (const kind of kinds) expect(table).toMatch(new RegExp(`faults .*\\b${kind} \\d`));
    expect(code).toBe(0);
  },
);
