import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** The configuration of `npm start`. */
export const shippedConfiguration: string = join(packageFolder, 'toolyard.yaml');

/** The command line that runs `toolyard` from its sources, on the Node that runs the tests. */
export const toolyard: { readonly command: string; readonly args: readonly string[] } = {
  command: process.execPath,
  args: [
    '--conditions=@toolyard/source',
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    join(packageFolder, 'src/main.ts'),
  ],
};

/** The command as it is published; has to be built. */
export const builtToolyard: typeof toolyard = {
  command: process.execPath,
  args: [join(packageFolder, 'dist/main.js')],
};

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string): Promise<string>;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'toolyard-gateway-'));
  return {
    path,
    async write(name, text) {
      const file = join(path, name);
      await writeFile(file, text);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** What a command did. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export async function runToolyard(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  return runProgram(toolyard.command, [...toolyard.args, ...args], environment);
}

export async function runProgram(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Outcome> {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended: unknown[] = await once(child, 'close');
  return { code: typeof ended[0] === 'number' ? ended[0] : null, ...output };
}

export interface RunningGateway extends AsyncDisposable {
  readonly endpoint: string;
  readonly process: ChildProcess;
  /** All that it wrote so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly exited: Promise<number | NodeJS.Signals>;
  health(): Promise<{ code: number; status: string; servers: readonly ServerHealth[] }>;
}

export interface ServerHealth {
  readonly id: string;
  readonly state: string;
  readonly tools: number;
  readonly problem?: string;
}

/** Starts `toolyard up` on a free port and resolves when it says that it is ready. Disposing sends SIGTERM and waits for its end. */
export async function startGateway(
  config: string,
  data: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
  program: typeof toolyard = toolyard,
): Promise<RunningGateway> {
  const child = spawn(program.command, [...program.args, 'up', config, '--port', '0', ...args], {
    env: { ...process.env, TOOLYARD_DATA: data, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const exited = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
  );
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ready = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.stdout += `${line}\n`;
    if (line.startsWith('ready ')) ready.resolve(line.slice('ready '.length));
  });
  void exited.then((code) =>
    ready.reject(new Error(`toolyard ended with ${code} before it was ready: ${output.stdout}${output.stderr}`)),
  );
  const endpoint = await ready.promise;
  return {
    endpoint,
    process: child,
    output,
    exited,
    async health() {
      const response = await fetch(new URL('/health', endpoint));
      const body = JSON.parse(await response.text()) as { status: string; servers: readonly ServerHealth[] };
      return { code: response.status, ...body };
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Resolves with what `look` finds as soon as it finds something. Throws after `ms`. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  ms = 15_000,
): Promise<T> {
  const endMs = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
