import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../../apps/gateway/src/main.ts', import.meta.url));
/** From the sources of the packages. */
const node = [
  '--conditions=@toolyard/source',
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
];

/** What `/health` says of a server. */
export interface ServerHealth {
  readonly id: string;
  readonly state: string;
  readonly problem?: string;
  readonly activity: { readonly inFlight: number; readonly restarts: number };
}

export interface ProcessRow {
  readonly server: string;
  readonly pid?: number;
  readonly state: string;
}

/** `toolyard up`, as a process of its own. */
export interface GatewayProcess extends AsyncDisposable {
  readonly endpoint: string;
  readonly pid: number;
  health(): Promise<readonly ServerHealth[]>;
  /** The samples of one metric by their labels. */
  metric(name: string): Promise<ReadonlyMap<string, number>>;
  /** What `toolyard ps` shows. */
  processes(): Promise<readonly ProcessRow[]>;
  /** Sends SIGTERM. Resolves with the exit code, or the signal that ended it, and how long that took. */
  end(): Promise<{ readonly code: number | string; readonly ms: number }>;
}

export interface GatewayProcessOptions {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** A line of its log, which is JSON. */
  readonly onLog: (line: string) => void;
}

const drainMs = 5_000;

export async function startGateway({ file, env, onLog }: GatewayProcessOptions): Promise<GatewayProcess> {
  const environment = { ...process.env, ...env };
  const args = [...node, program, 'up', file, '--port', '0', '--drain', String(drainMs)];
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  createInterface({ input: child.stderr }).on('line', onLog);
  const exited = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'nothing')),
  );
  const endpoint = await ready(child, exited);
  const at = (path: string): Promise<Response> => fetch(new URL(path, endpoint));
  let ending: Promise<{ code: number | string; ms: number }> | undefined;
  const end = async (): Promise<{ code: number | string; ms: number }> => {
    const startedMs = performance.now();
    child.kill('SIGTERM');
    return { code: await exited, ms: performance.now() - startedMs };
  };
  return {
    endpoint,
    pid: child.pid ?? 0,
    async health() {
      const { servers } = (await (await at('/health')).json()) as { servers: readonly ServerHealth[] };
      return servers;
    },
    async metric(name) {
      const lines = (await (await at('/metrics')).text()).split('\n');
      const samples = new Map<string, number>();
      for (const line of lines) {
        const [, found, labels = '', value] = /^(\w+)(\{.*\})? (\S+)$/.exec(line) ?? [];
        if (found === name) samples.set(labels, Number(value));
      }
      return samples;
    },
    async processes() {
      const { processes } = JSON.parse(
        await output([...node, program, 'ps', '--json', '--url', endpoint], environment),
      ) as { processes: readonly ProcessRow[] };
      return processes;
    },
    end: () => (ending ??= end()),
    async [Symbol.asyncDispose]() {
      await (ending ??= end());
    },
  };
}

async function ready(child: ChildProcess, exited: Promise<number | string>): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('a pipe is missing');
  const said = new Promise<string>((resolve) =>
    createInterface({ input: stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    }),
  );
  const early = exited.then((code) => {
    throw new Error(`toolyard ended with ${code} before it was ready.`);
  });
  return Promise.race([said, early]);
}

function output(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
