import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { guardianScript } from './guardian-script.ts';
import { spawned } from './spawned.ts';

/**
 * A process beside this one that ends all process groups on its list when this process dies, however that happens.
 * One serves any number of groups; it exists while there is one, and is started again when somebody kills it.
 */
export interface Guardian {
  /** Resolves when the guardian knows of the group: from then on the group does not outlive this process. */
  watch(group: number): Promise<void>;
  /** To be called as soon as the group is known to be empty, since its number may then be given to others. Resolves when nothing is left to wait for. */
  forget(group: number): Promise<void>;
  /** For tests and for people: the guardian's process id while there is one. */
  readonly pid: number | undefined;
}

export interface GuardianOptions {
  /** A POSIX shell. Default `/bin/sh`. */
  readonly shell?: string;
  /** Where the guardian finds `sleep`. Default `/usr/bin:/bin`. */
  readonly path?: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly lifeline: Writable;
  readonly exited: Promise<void>;
}

export function createGuardian(options: GuardianOptions = {}): Guardian {
  return new ShellGuardian(options);
}

/** Deaths of the guardian in a row, none of them ours, after which only the next `watch` starts it again. */
const maxRestarts = 5;

class ShellGuardian implements Guardian {
  readonly #shell: string;
  readonly #path: string;
  readonly #groups = new Set<number>();
  #running: Running | undefined;
  #restarts = 0;

  constructor(options: GuardianOptions) {
    this.#shell = options.shell ?? '/bin/sh';
    this.#path = options.path ?? '/usr/bin:/bin';
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  async watch(group: number): Promise<void> {
    this.#groups.add(group);
    this.#restarts = 0;
    try {
      if (this.#running === undefined) {
        // A guardian that starts is told of all groups.
        await this.#start();
      } else {
        await tell(this.#running, `+ ${group}\n`);
      }
    } catch (error) {
      this.#groups.delete(group);
      throw error;
    }
  }

  async forget(group: number): Promise<void> {
    if (!this.#groups.delete(group)) {
      return;
    }
    const running = this.#running;
    if (running === undefined) {
      return;
    }
    if (this.#groups.size > 0) {
      // A guardian that has died meanwhile forgets by itself.
      await tell(running, `- ${group}\n`).catch(() => undefined);
      return;
    }
    this.#running = undefined;
    running.lifeline.end(`- ${group}\n`);
    await running.exited;
  }

  async #start(): Promise<void> {
    const child = spawned(() =>
      spawn(this.#shell, ['-c', guardianScript, 'toolyard-guardian'], {
        cwd: '/',
        detached: true,
        env: { PATH: this.#path },
        stdio: ['pipe', 'ignore', 'ignore'],
      }),
    );
    if (child instanceof Promise) return child;
    const running: Running = {
      child,
      lifeline: child.stdin,
      exited: once(child, 'close').then(
        () => undefined,
        () => undefined,
      ),
    };
    // A write to a dead guardian fails, and its death is seen below.
    child.stdin.on('error', () => undefined);
    this.#running = running;
    child.once('exit', () => this.#lost(running));
    await tell(running, [...this.#groups].map((group) => `+ ${group}\n`).join(''));
  }

  #lost(running: Running): void {
    if (this.#running !== running) {
      return;
    }
    this.#running = undefined;
    this.#restarts += 1;
    if (this.#groups.size > 0 && this.#restarts <= maxRestarts) {
      // Where that fails, the next watch() tries again, and tells its caller.
      void this.#start().catch(() => undefined);
    }
  }
}

/** Resolves when the bytes are in the kernel's buffer, where this process's death no longer matters. */
function tell(running: Running, lines: string): Promise<void> {
  return new Promise((resolve, reject) => {
    running.lifeline.write(lines, (error) => (error == null ? resolve() : reject(error)));
  });
}
