import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * The process that `spawn` makes, at once; where there is none, a promise that rejects with why, in words that end a sentence. Node knows it before `spawn`
 * returns: a process that did not come to be has no id, and no streams either where open files ran out, whatever its type says.
 */
export function spawned<C extends ChildProcess>(spawn: () => C): C | Promise<never> {
  try {
    const child = spawn();
    return child.pid === undefined ? failed(child) : child;
  } catch (error) {
    return Promise.reject(inWords(error));
  }
}

async function failed(child: ChildProcess): Promise<never> {
  const told: unknown[] = await once(child, 'error');
  throw inWords(told[0]);
}

/** What the system runs out of, and what helps. */
const shortages: Readonly<Record<string, string>> = {
  EMFILE:
    'this process has as many open files as it may (EMFILE); raise its limit ("ulimit -n"), or have it serve fewer connections and servers',
  ENFILE: 'all open files that the system has are in use (ENFILE); end what holds them, or raise its limit',
  EAGAIN:
    'this user or container has as many processes as it may (EAGAIN); raise the limit ("ulimit -u", or that of the container), or end some',
  ENOMEM: 'the system has no memory for another process (ENOMEM)',
};

function inWords(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const words = 'code' in error && typeof error.code === 'string' ? shortages[error.code] : undefined;
  return words === undefined ? error : new Error(words, { cause: error });
}
