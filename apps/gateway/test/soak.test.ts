import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { runProgram, toolyard } from './testing/gateway.ts';

const soak = fileURLToPath(new URL('soak/main.ts', import.meta.url));

/** `npm run soak -- --minutes 60` is the same for longer. */
it.runIf(process.platform === 'linux')(
  'servers that are scaled, restarted, killed, stopped and that crash for 20 seconds leave no process, no zombie and no open file',
  { timeout: 180_000 },
  async () => {
    const program = [...toolyard.args.slice(0, -1), soak, '--seconds', '20'];
    const { code, stdout, stderr } = await runProgram(toolyard.command, program);
    expect(stderr).toBe('');
    const figures = JSON.parse(stdout) as {
      processes: number;
      done: { kill: number; 'recycled by age': number };
      wrong: readonly string[];
    };
    expect(figures.wrong).toEqual([]);
    expect(figures.processes).toBeGreaterThan(20);
    expect(figures.done.kill).toBeGreaterThan(0);
    expect(figures.done['recycled by age']).toBeGreaterThan(0);
    expect(code).toBe(0);
  },
);
