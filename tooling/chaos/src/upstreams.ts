import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CommandTarget } from '@toolyard/protocol';

const program = fileURLToPath(new URL('upstream/main.ts', import.meta.url));

export interface UpstreamSpec {
  readonly id: string;
  readonly wire: 'http' | 'ws' | 'stdio' | 'grpc';
  readonly era: 'modern' | 'legacy';
}

/** A server on a port of its own, which is started again there whenever it ends. */
export interface Host extends AsyncDisposable {
  readonly url: string;
  readonly pid: number | undefined;
}

export interface UpstreamOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (server: string, line: string) => void;
}

/** For servers over stdio, which the gateway starts. */
export function commandOf({ wire, era }: UpstreamSpec, env: UpstreamOptions['env']): CommandTarget {
  return { command: process.execPath, args: [program, wire, era], env };
}

export async function startHost({ id, wire, era }: UpstreamSpec, options: UpstreamOptions): Promise<Host> {
  let stopped = false;
  let child: ChildProcess;
  const launch = (port: number): Promise<number> => {
    child = spawn(process.execPath, [program, wire, era, String(port)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) throw new Error('a pipe is missing');
    createInterface({ input: stderr }).on('line', (line) => options.onLine(id, line));
    return new Promise((resolve) => {
      createInterface({ input: stdout }).on('line', (line) => resolve(Number(line.replace('ready ', ''))));
      child.once('exit', () => {
        if (!stopped) void launch(bound);
      });
    });
  };
  let bound = 0;
  bound = await launch(0);
  return {
    url: wire === 'grpc' ? `grpc://127.0.0.1:${bound}` : `${wire}://127.0.0.1:${bound}/mcp`,
    get pid() {
      return child.pid;
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
