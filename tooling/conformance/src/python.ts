import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gatewayProgram, startGateway } from './gateway.ts';
import { startUntilReady } from './process.ts';

/*
 * The official Python client through the gateway, in both eras, in front of a server of each. It lives in an environment of its own that is made for
 * each run, and is left out with its reason where this machine cannot make one.
 */

const sdk = 'mcp==2.3.0';
const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

interface Finding {
  readonly finding: string;
  readonly passed: boolean;
  readonly seen: unknown;
}

/** The Python of a new environment with the SDK in it, or why there is none. */
async function environment(folder: string): Promise<{ python: string } | { missing: string }> {
  const home = path.join(folder, 'python');
  const python = path.join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  try {
    await run('python3', ['-c', 'import sys; assert sys.version_info >= (3, 10)']);
  } catch {
    return { missing: 'there is no Python of 3.10 or newer' };
  }
  try {
    await run('python3', ['-m', 'venv', home]);
  } catch {
    return { missing: 'this Python makes no virtual environments' };
  }
  try {
    const install = [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--retries=1',
      '--timeout=10',
      sdk,
    ];
    await run(python, install, { timeout: 120_000 });
  } catch (error) {
    return { missing: `${sdk} could not be installed: ${String(error).trim().split('\n').at(-1) ?? ''}` };
  }
  return { python };
}

/** What a program that failed had written. */
function said(error: unknown, stream: 'stdout' | 'stderr'): string {
  const text: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, stream) : undefined;
  return typeof text === 'string' ? text : '';
}

async function findings(python: string, url: string, mode: string): Promise<Finding[]> {
  const ended = await run(python, ['-I', here('../python/client.py'), url, mode], { timeout: 120_000 }).catch(
    (error: unknown) => ({
      stdout: said(error, 'stdout'),
      stderr: said(error, 'stderr') || String(error),
      broke: true,
    }),
  );
  const seen = ended.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Finding);
  if ('broke' in ended) seen.push({ finding: 'ends in order', passed: false, seen: ended.stderr.trim().slice(-2_000) });
  return seen;
}

const program = gatewayProgram(process.argv.includes('--source'));
const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-python-'));
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const made = await environment(folder);
  if ('missing' in made) {
    skipped += 1;
    process.stdout.write(`${sdk} through the gateway: skipped, ${made.missing}\n`);
  } else {
    for (const fixture of ['modern-http', 'legacy-http']) {
      await using upstream = await startUntilReady([here(`fixture/${fixture}.ts`)]);
      await using gateway = await startGateway(program, { url: upstream.url }, path.join(folder, `${fixture}.yaml`));
      for (const mode of ['2026-07-28', 'legacy']) {
        const all = await findings(made.python, gateway.url, mode);
        const bad = all.filter((one) => !one.passed);
        passed += all.length - bad.length;
        failed += bad.length + (all.length === 0 ? 1 : 0);
        process.stdout.write(
          `${sdk} ${mode.padEnd(10)} in front of ${fixture}: ${all.length - bad.length} of ${all.length}\n`,
        );
        for (const { finding, seen } of bad) process.stdout.write(`    ${finding}: ${JSON.stringify(seen)}\n`);
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed > 0 ? 1 : 0;
