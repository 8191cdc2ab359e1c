import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { CommandTarget, ConnectOptions } from '@toolyard/protocol';
import { ToolyardError } from '@toolyard/protocol';
import { endWritable } from '../framing/stream-pipe.ts';
import { cleanEnvironment } from './clean-environment.ts';
import { whyNotStartable } from './find-command.ts';
import type { Guardian } from './guardian.ts';
import type { ProcessGroup } from './process-group.ts';
import { processGroup } from './process-group.ts';
import type { ProcessGovernor } from './process-governor.ts';
import type { ProcessPlace } from './process-place.ts';
import { readLog, type ReadLog } from './read-log.ts';
import { spawnProcess, whyNotLimitable } from './spawn-process.ts';
import { spawned } from './spawned.ts';

export interface ChildOptions {
  readonly upstream: string;
  /** The gateway's own environment, of which a few harmless variables are passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `undefined` where the kernel itself ends the children (process 1 of a container, Windows). */
  readonly guardian: Guardian | undefined;
  /** Bounds how many processes there are. Default: nobody does. */
  readonly governor?: ProcessGovernor | undefined;
  /** Ends the waiting for a place. */
  readonly signal?: AbortSignal | undefined;
  /** How long the child has to end by itself after its stdin was closed. */
  readonly stdinGraceMs: number;
  /** How long it has after SIGTERM. */
  readonly termGraceMs: number;
  readonly onLog?: ConnectOptions['onLog'] | undefined;
}

/** How long the kernel may take to end what was killed. */
const killGraceMs = 5_000;
/** How long the dead may take to be reaped by whoever inherited them; where nobody does, they are no longer waited for. */
const burialMs = 100;
/** How often a group without its leader is looked at. */
const pollMs = 10;

/** A server process. */
export interface Child {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly exited: Promise<void>;
  /** Resolves when it has exited and nothing more comes from its stderr. */
  readonly silenced: Promise<void>;
  /** How it came to its end by itself, with its last words from stderr; `undefined` while it lives, and where `stop()` ended it. */
  obituary(): string | undefined;
  /** The same without its words: the code that it exited with, or the signal. */
  exit(): string | undefined;
  /** Tells the governor that it has come up. */
  ready(): void;
  /** Closes stdin, then SIGTERM, then SIGKILL to the whole group; resolves when nothing is left of it. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a process in a group of its own with a clean environment. Rejects with `UPSTREAM_UNREACHABLE` where that cannot be done, with `PROCESS_LIMIT` where
 * the governor does not let it, and with the signal's reason. Whatever ends the child ends its whole group.
 */
export async function startChild(target: CommandTarget, options: ChildOptions): Promise<Child> {
  const { upstream, governor, signal } = options;
  const environment = cleanEnvironment(options.environment, target.env);
  const cwd = target.cwd ?? process.cwd();
  const problem = whyNotLimitable(target.limits, environment) ?? (await whyNotFound(target.command, environment, cwd));
  if (problem !== undefined) throw unreachable(upstream, problem);
  const place = (await governor?.enter({ upstream, command: target.command, signal })) ?? nobodysPlace;
  try {
    return await startIn(place, target, { ...options, environment, cwd });
  } catch (error) {
    place.gone();
    throw error;
  }
}

type StartOptions = ChildOptions & { readonly environment: Readonly<Record<string, string>>; readonly cwd: string };

async function startIn(place: ProcessPlace, target: CommandTarget, options: StartOptions): Promise<Child> {
  const { upstream, guardian, signal } = options;
  signal?.throwIfAborted();
  const child = await spawnTarget(target, options);
  // Errors of writing are the pipe's business, which listens from when it exists; until then nobody is interested.
  child.stdin?.on('error', () => undefined);
  child.stdio[3]?.on('error', () => undefined);
  const running = new RunningChild(child, target.command, place, options);
  place.started(running.pid);
  try {
    await guardian?.watch(running.pid);
  } catch (error) {
    await running.stop();
    throw unreachable(upstream, `no guardian for its processes could be started: ${messageOf(error)}`, error);
  }
  const opening = child.stdio[3];
  if (opening != null && 'end' in opening) {
    opening.end('go\n');
  }
  return running;
}

async function spawnTarget(target: CommandTarget, options: StartOptions): Promise<ChildProcess> {
  try {
    return await spawned(() => spawnProcess(target, { ...options, waits: options.guardian !== undefined }));
  } catch (error) {
    throw unreachable(options.upstream, messageOf(error), error);
  }
}

async function whyNotFound(
  command: string,
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<string | undefined> {
  return process.platform === 'win32' ? undefined : whyNotStartable(command, environment['PATH'], cwd);
}

const nobodysPlace: ProcessPlace = {
  started: () => undefined,
  ready: () => undefined,
  ending: () => undefined,
  gone: () => undefined,
};

class RunningChild implements Child {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly exited: Promise<void>;
  readonly silenced: Promise<void>;
  readonly #command: string;
  readonly #options: ChildOptions;
  readonly #place: ProcessPlace;
  readonly #stderr: ReadLog;
  readonly #child: ChildProcess;
  readonly #group: ProcessGroup;
  #exit: { readonly how: string; readonly isOurs: boolean } | undefined;
  #reaped: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(child: ChildProcess, command: string, place: ProcessPlace, options: ChildOptions) {
    const { pid, stdin, stdout, stderr } = child;
    if (pid === undefined || stdin === null || stdout === null || stderr === null) {
      throw new Error('a child was spawned without pipes');
    }
    this.#child = child;
    this.pid = pid;
    this.#group = processGroup(pid);
    this.stdin = stdin;
    this.stdout = stdout;
    this.#command = command;
    this.#options = options;
    this.#place = place;
    this.#stderr = readLog(stderr, { name: 'stderr', onLine: options.onLog });
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#exit = {
          how: signal === null ? `exited with code ${code}` : `was ended by ${signal}`,
          isOurs: this.#stopped !== undefined,
        };
        resolve();
        this.#wake?.();
        this.#stderr.finish();
        place.ending();
        // The rest of the group must not outlive its leader.
        void this.#reap().then(() => place.gone());
      });
    });
    this.silenced = Promise.all([this.exited, this.#stderr.ended]).then(() => undefined);
  }

  exit(): string | undefined {
    return this.#exit?.isOurs === false ? this.#exit.how : undefined;
  }

  obituary(): string | undefined {
    const how = this.exit();
    if (how === undefined) return undefined;
    const words = this.#stderr.tail();
    return `${this.#command} ${how}${words.length === 0 ? '' : `; its last words: ${words.join(' | ')}`}`;
  }

  ready(): void {
    this.#place.ready();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#place.ending();
    const gate = this.#child.stdio[3];
    gate?.destroy();
    if (this.#exit === undefined) {
      void endWritable(this.stdin, this.#options.stdinGraceMs);
      await this.#within(this.#options.stdinGraceMs, () => this.#exit !== undefined);
    }
    await this.#reap();
    for (const stream of [this.stdin, this.stdout, this.#child.stderr]) {
      stream?.destroy();
    }
    // So that nothing is told any more of what is gone.
    await this.#stderr.ended;
  }

  #reap(): Promise<void> {
    this.#reaped ??= this.#endGroup();
    return this.#reaped;
  }

  async #endGroup(): Promise<void> {
    const isOver = (): boolean => this.#exit !== undefined && !this.#group.exists();
    if (!isOver()) {
      this.#group.signal('SIGTERM');
      await this.#within(this.#options.termGraceMs, isOver);
    }
    if (!isOver()) {
      this.#group.signal('SIGKILL');
      await this.#within(killGraceMs, () => this.#exit !== undefined);
      await this.#within(burialMs, isOver);
    }
    await this.#options.guardian?.forget(this.pid);
  }

  /** Resolves when `isDone` holds, which is asked when the leader exits and every few milliseconds after that, or when the time is over. */
  async #within(ms: number, isDone: () => boolean): Promise<void> {
    const endMs = performance.now() + ms;
    for (let leftMs = ms; leftMs > 0 && !isDone(); leftMs = endMs - performance.now()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, this.#exit === undefined ? leftMs : Math.min(leftMs, pollMs));
      this.#wake = resolve;
      await promise;
      clearTimeout(timer);
    }
  }
}

function unreachable(upstream: string, why: string, cause?: unknown): ToolyardError {
  return new ToolyardError('UPSTREAM_UNREACHABLE', { upstream }, `${upstream} could not be started: ${why}.`, {
    cause,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
