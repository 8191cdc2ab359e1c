import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What the suite said about one run. */
export interface Verdict {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Scenarios outside the frozen set: run, reported, not counted. */
  readonly unscored: ReadonlyMap<string, boolean>;
  /** The suite's own judgement: all scored scenarios pass or are expected to fail, and no expectation is stale. */
  readonly accepted: boolean;
  readonly output: string;
}

const suite = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

/** Runs the official server suite against `url`. `expectedFailures`: a baseline file; one that does not exist expects none. */
export async function runSuite(url: string, revision: string, outputDir: string, expectedFailures: string): Promise<Verdict> {
  const args = [suite, 'server', '--url', url, '--requirements', revision, '-o', outputDir];
  if (existsSync(expectedFailures)) args.push('--expected-failures', expectedFailures);
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
  return { ...read(output), accepted: code === 0, output };
}

function read(output: string): Omit<Verdict, 'accepted' | 'output'> {
  const unscored = new Map<string, boolean>();
  for (const [, mark, name] of output.matchAll(/^ {2}([✓✗]) (\S+) \([a-z-]+\)$/gmu)) {
    if (name !== undefined) unscored.set(name, mark === '✓');
  }
  const passed: string[] = [];
  const failed: string[] = [];
  for (const [, mark, name] of output.matchAll(/^([✓✗]) (\S+): \d+ passed, \d+ failed/gmu)) {
    if (name === undefined || unscored.has(name)) continue;
    (mark === '✓' ? passed : failed).push(name);
  }
  return { passed, failed, unscored };
}
