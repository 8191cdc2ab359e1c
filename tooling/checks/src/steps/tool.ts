import path from 'node:path';
import { failedOne, passedOne, type Outcome } from '../outcome.ts';
import type { Ended, Run, RunOptions } from '../process.ts';
import { root } from '../workspace.ts';

/** Runs one of the installed tools; it passes if it ends with 0. */
export async function tool(
  run: Run,
  name: string,
  args: readonly string[],
  options: Partial<RunOptions> = {},
): Promise<Outcome> {
  return toOutcome(await runTool(run, name, args, options));
}

export function runTool(
  run: Run,
  name: string,
  args: readonly string[],
  options: Partial<RunOptions> = {},
): Promise<Ended> {
  return run(path.join(root, 'node_modules', '.bin', name), args, { cwd: root, ...options });
}

export function toOutcome({ code, signal, output }: Ended): Outcome {
  if (code === 0) return passedOne(output);
  return failedOne(`${output.trimEnd()}\n(ended with ${code === null ? String(signal) : `exit code ${code}`})`);
}
