import type { ChildProcess } from 'node:child_process';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** What one run of the load generator measured. */
export interface LoadFigures {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  readonly firstError: string;
}

export interface Target extends AsyncDisposable {
  readonly url: string;
  /** CPU seconds this process has used so far, user and system; 0 where `/proc` is not there. */
  cpuSeconds(): number;
}

const canPin = process.platform === 'linux' && spawnSync('taskset', ['-V']).status === 0;

/** The command that runs Node with `args` on one core, where the machine can pin; anywhere otherwise. */
function onCore(core: number, args: readonly string[]): [string, string[]] {
  return canPin ? ['taskset', ['-c', String(core), process.execPath, ...args]] : [process.execPath, [...args]];
}

/** Starts a server on a core; resolves when it prints `ready <url>`. */
export async function startTarget(
  core: number,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Target> {
  const child = spawn(...onCore(core, args), { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const url = await readyUrl(child, args);
  return {
    url,
    cpuSeconds: () => cpuSeconds(child.pid),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function readyUrl(child: ChildProcess, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code} before it was ready`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice(6).trim());
    });
  });
}

/** Clock ticks are 1/100 s on every Linux that Node supports (`getconf CLK_TCK`). */
function cpuSeconds(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}

/** Runs the load generator on a core and returns its figures. */
export async function runLoad(core: number, args: readonly string[]): Promise<LoadFigures> {
  return (await runForJson(core, args)) as LoadFigures;
}

/** Runs a program on a core and returns what it printed, read as JSON. */
export function runForJson(core: number, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const [command, commandArgs] = onCore(core, args);
    execFile(command, commandArgs, (error, stdout) => {
      if (error) reject(error);
      else resolve(JSON.parse(stdout));
    });
  });
}
