import { failedOne, readCountLine, type Outcome } from '../outcome.ts';
import type { Run } from '../process.ts';
import type { Package } from '../workspace.ts';
import { toOutcome } from './tool.ts';

/** Runs a script of a package that checks something. Its counts are those of its last line, `N passed, N failed`; without one it counts as one. */
export async function packageCheck(run: Run, { folder }: Package, script: string): Promise<Outcome> {
  const ended = await run(process.execPath, ['--run', script], { cwd: folder, timeoutMs: 1_800_000 });
  const counts = readCountLine(ended.stdout);
  if (counts === undefined) return toOutcome(ended);
  if (ended.code === 0 || counts.failed > 0) return { ...counts, output: ended.output };
  const crashed = failedOne(`${ended.output}\n(ended with ${String(ended.code ?? ended.signal)})`);
  return { ...crashed, passed: counts.passed, skipped: counts.skipped };
}
