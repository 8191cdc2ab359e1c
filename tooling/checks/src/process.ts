import { spawn, type ChildProcess } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Both streams, in the order in which they arrived. */
  readonly output: string;
  readonly stdout: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs longer is killed, and its end counts as a failure. Default: 10 minutes. */
  readonly timeoutMs?: number;
  /** Ends the program, and what it started, when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a program; steps get one that ends with the whole check. */
export type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<Ended>;

/** A `run` whose programs end when `signal` aborts. */
export function runUntil(signal: AbortSignal): Run {
  return (command, args, options) => run(command, args, { ...options, signal });
}

/**
 * Runs a program without stdin, in a process group of its own: a test that kills its group does not take the check with it, and what a
 * program leaves behind ends with it.
 *
 * Never rejects: a program that cannot be started ends with code 127.
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, env, timeoutMs = 600_000, signal: aborted } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const all: Buffer[] = [];
    const out: Buffer[] = [];
    const end = (): void => killGroup(child);
    const timer = setTimeout(() => {
      all.push(Buffer.from(`\n(killed after ${timeoutMs / 1000} s)\n`));
      end();
    }, timeoutMs);
    aborted?.addEventListener('abort', end);
    child.stdout.on('data', (chunk: Buffer) => {
      all.push(chunk);
      out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      all.push(chunk);
    });
    const settle = (ended: Ended): void => {
      clearTimeout(timer);
      aborted?.removeEventListener('abort', end);
      resolve(ended);
    };
    child.once('exit', end);
    child.once('error', (error) => {
      settle({ code: 127, signal: null, output: String(error), stdout: '' });
    });
    child.once('close', (code, signal) => {
      settle({ code, signal, output: text(all), stdout: text(out) });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
