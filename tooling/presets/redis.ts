import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { debianProgram, type Program } from './debian.ts';

/** A Redis of its own for a test: on loopback, in memory only. */
export interface RealRedis extends AsyncDisposable {
  readonly url: string;
  /** Kills it, with all that it held. */
  stop(): Promise<void>;
  /** Starts it again, empty, at the same address. */
  start(): Promise<void>;
  /** Lets it hold its connections and answer nothing, until `resume`. */
  hang(): void;
  resume(): void;
}

/** The `redis-server` of this machine, installed first where that can be done. */
export function redisProgram(): Promise<Program> {
  return debianProgram('redis-server', 'redis-server');
}

const maxTries = 5;

export async function startRedis(program: string): Promise<RealRedis> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await redisAt(program, port);
    } catch (error) {
      // Somebody may have taken the port in between.
      if (attempt >= maxTries) throw error;
    }
  }
}

async function redisAt(program: string, port: number): Promise<RealRedis> {
  let child = await launch(program, port);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    stop,
    async start() {
      await stop();
      child = await launch(program, port);
    },
    hang: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: stop,
  };
}

async function launch(program: string, port: number): Promise<ChildProcess> {
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const lines = createInterface(child.stdout);
  const said: string[] = [];
  for await (const line of lines) {
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume();
      return child;
    }
    said.push(line);
  }
  throw new Error(`${program} ended before it was ready:\n${said.join('\n')}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port could be bound');
  return address.port;
}
