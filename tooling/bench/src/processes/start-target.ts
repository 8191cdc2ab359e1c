import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { onCore } from './cores.ts';
import { endWithUs } from './end-with-us.ts';
import { cpuSeconds, type Memory, memoryOf } from './usage.ts';

export interface Target extends AsyncDisposable {
  readonly url: string;
  /** From the start of the process to the sign that it is ready. */
  readonly readyMs: number;
  /** Time of CPU until then, to 10 ms; 0 where `/proc` is not there. */
  readonly readyCpuMs: number;
  readonly pid: number;
  memory(): Memory;
  /** Sends a message over the channel that `ipc` opens, and resolves with the next one that comes. */
  ask(message: string): Promise<unknown>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Where it will answer HTTP, for what does not print `ready <url>`. */
  readonly answersAt?: string;
  readonly ipc?: boolean;
  /** How long it may take until it is ready. Default 60,000. */
  readonly patienceMs?: number;
}

/** Starts a program on a core. Resolves when it prints `ready <url>` or answers; rejects with what it wrote last when it ends before, or takes too long. */
export async function startTarget(core: number, args: readonly string[], options: StartOptions = {}): Promise<Target> {
  const { env = {}, cwd, answersAt, ipc = false, patienceMs = 60_000 } = options;
  const [command, commandArgs] = onCore(core, args);
  const started = performance.now();
  const child = spawn(command, commandArgs, {
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const { end } = endWithUs(child);
  const lastWords = keepLast(child);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), patienceMs);
  try {
    const failed = once(child, 'exit', { signal: late.signal }).then(
      ([code]: unknown[]) => Promise.reject(new Error(`it ended with ${String(code)}: ${lastWords()}`)),
      () => Promise.reject(new Error(`it was not ready after ${patienceMs} ms: ${lastWords()}`)),
    );
    const url = await Promise.race([
      failed,
      answersAt === undefined ? readyLine(child) : answering(answersAt, late.signal),
    ]);
    const pid = child.pid ?? 0;
    return {
      url,
      readyMs: performance.now() - started,
      readyCpuMs: cpuSeconds(pid) * 1_000,
      pid,
      memory: () => memoryOf(pid),
      async ask(message) {
        const answer = once(child, 'message') as Promise<[unknown]>;
        child.send(message);
        return (await answer)[0];
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  } finally {
    clearTimeout(timer);
    late.abort();
  }
}

function readyLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice(6).trim());
    });
  });
}

/** Any answer will do: what is asked may be refused. */
async function answering(url: string, signal: AbortSignal): Promise<string> {
  while (!signal.aborted) {
    const response = await fetch(url, { method: 'OPTIONS', signal }).catch(() => undefined);
    if (response !== undefined) return url;
    await pause(50);
  }
  // Whoever gave up says why.
  return new Promise(() => {});
}

function keepLast(child: ChildProcess): () => string {
  let kept = '';
  const keep = (text: string): void => {
    kept = (kept + text).slice(-600);
  };
  child.stderr?.setEncoding('utf8').on('data', keep);
  child.stdout?.setEncoding('utf8').on('data', keep);
  return () => kept.trim().replaceAll(/\s+/g, ' ');
}
