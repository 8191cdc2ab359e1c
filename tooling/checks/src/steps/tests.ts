import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failedOne, type Outcome } from '../outcome.ts';
import type { Run } from '../process.ts';
import { readVitestReport } from '../vitest-report.ts';
import type { Package } from '../workspace.ts';
import { runTool } from './tool.ts';

/** Runs a package's vitest suite and reads its real counts. */
export async function vitest(run: Run, one: Package, workers: number): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-tests-'));
  try {
    const report = path.join(folder, 'report.json');
    const args = [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      `--maxWorkers=${workers}`,
    ];
    const { code, output } = await runTool(run, 'vitest', args, {
      cwd: one.folder,
      env: { CI: 'true', NO_COLOR: '1' },
    });
    const counts = readVitestReport(await readFile(report, 'utf8').catch(() => ''), code);
    return counts === undefined
      ? failedOne(`${output}\n(ended with ${String(code)} and without a report)`)
      : { ...counts, output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
