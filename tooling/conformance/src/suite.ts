import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Revision } from './cells.ts';

/** A check that the suite made and found wanting. */
export interface Finding {
  readonly id: string;
  readonly status: 'FAILURE' | 'WARNING';
  readonly message: string;
}

/** What the suite found out about one scenario; without findings it passed, if anything was checked. */
export interface Scenario {
  readonly name: string;
  readonly findings: readonly Finding[];
  /** How many were made: what the suite skips is none. */
  readonly checks: number;
}

export interface Verdict {
  /** Scenarios of the frozen set. */
  readonly scored: readonly Scenario[];
  /** Scenarios beside it: `tallyBeside` judges them, the suite does not. */
  readonly unscored: readonly Scenario[];
  /** What the suite accepts as failing, as the file of expected failures says: `scenario` or `scenario:check`. */
  readonly expected: ReadonlySet<string>;
  /** Expectations that no longer hold. */
  readonly stale: readonly string[];
  /** The suite's own judgement: everything passes or is expected to fail, and no expectation is stale. */
  readonly accepted: boolean;
  readonly output: string;
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
  readonly description?: string;
}

const home = path.dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json'));

/** Runs the suite with these arguments. */
export async function callSuite(args: readonly string[]): Promise<{ code: number; output: string }> {
  return await new Promise((resolve) => {
    const all = [path.join(home, 'dist/index.js'), ...args];
    execFile(process.execPath, all, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

/**
 * Runs the server half against `url`. `expectedFailures`: a file of the suite's format; one that does not exist expects none. The suite always gets a
 * file, since only then its warnings, things that a server should do, count like failures.
 */
export async function runServerSuite(
  url: string,
  revision: Revision,
  outputDir: string,
  expectedFailures: string,
): Promise<Verdict> {
  await mkdir(outputDir, { recursive: true });
  const none = path.join(outputDir, 'none.yaml');
  await writeFile(none, 'server: []\n');
  const baseline = existsSync(expectedFailures) ? expectedFailures : none;
  const args = ['server', '--url', url, '--requirements', revision, '-o', outputDir, '--expected-failures', baseline];
  const { code, output } = await callSuite(args);
  const scenarios = await readResults(outputDir, 'server');
  const required = await requiredScenarios(revision, 'server');
  return {
    scored: scenarios.filter(({ name }) => required.has(name)),
    unscored: scenarios.filter(({ name }) => !required.has(name)),
    expected: new Set(marked(output, '~')),
    stale: marked(output, '✓'),
    accepted: code === 0,
    output,
  };
}

/** Entries of the suite's judgement of a file of expected failures. */
function marked(output: string, mark: string): string[] {
  return output.split('\n').flatMap((line) => (line.startsWith(`  ${mark} `) ? [line.slice(4).trim()] : []));
}

/** The frozen set of a revision, as the suite publishes it. */
export async function requiredScenarios(revision: Revision, half: 'server' | 'client'): Promise<ReadonlySet<string>> {
  const text = await readFile(path.join(home, 'requirements', `${revision}.yaml`), 'utf8');
  const [, list = ''] = text.split(`\n${half}:\n`);
  return new Set([...(/^(?: {2}- \S+\n)+/.exec(list)?.[0] ?? '').matchAll(/- (\S+)/g)].map(([, name = '']) => name));
}

/** Reads what the suite left in its folder, in the order of the scenarios' names. */
export async function readResults(outputDir: string, half: 'server' | 'client'): Promise<Scenario[]> {
  const scenarios: Scenario[] = [];
  for await (const file of glob('**/checks.json', { cwd: outputDir })) {
    const folder = path.dirname(file).split(path.sep).join('/');
    const name = folder.replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z?$/, '').replace(half === 'server' ? /^server-/ : /^/, '');
    const checks = JSON.parse(await readFile(path.join(outputDir, file), 'utf8')) as readonly Check[];
    const findings = checks.flatMap(({ id, status, errorMessage, description }) =>
      status === 'FAILURE' || status === 'WARNING' ? [{ id, status, message: errorMessage ?? description ?? '' }] : [],
    );
    const made = checks.filter(({ status }) => status !== 'INFO' && status !== 'SKIPPED');
    scenarios.push({ name, findings, checks: made.length });
  }
  return scenarios.sort((a, b) => a.name.localeCompare(b.name));
}
