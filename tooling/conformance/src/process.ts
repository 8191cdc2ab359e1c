import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A child that announced where it serves. */
export interface Running extends AsyncDisposable {
  readonly url: string;
}

/** Starts `node ...args` and resolves when it prints a line `ready <url>`; rejects with its last words when it ends or `timeoutMs` pass before that. */
export async function startUntilReady(args: readonly string[], timeoutMs = 30_000): Promise<Running> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const words: string[] = [];
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  createInterface({ input: child.stderr }).on('line', (line) => {
    words.push(line);
    if (words.length > 50) words.shift();
  });
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`node ${args.join(' ')} ${why}\n${words.join('\n')}`));
    const timer = setTimeout(() => fail(`was not ready within ${timeoutMs} ms`), timeoutMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('ready ')) return;
      clearTimeout(timer);
      resolve(line.slice('ready '.length).trim());
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code} before it was ready`);
    });
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, [Symbol.asyncDispose]: stop };
}
