import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fakePnpm, fakeTurbo, program } from './fakes.ts';

const bootstrap = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves once stdout has `text`; rejects if the process ends without it. */
  printed(text: string): Promise<string>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself, before the script. */
  readonly nodeFlags?: readonly string[];
  /** What is run, by its path in the checkout. Default: the bootstrap. */
  readonly script?: string;
}

/**
 * A small checkout with the real bootstrap in it, in a folder of its own.
 *
 * pnpm and turbo are stand-ins that note their calls: what a package registry does is no part of these tests.
 */
export interface Checkout extends AsyncDisposable {
  readonly folder: string;
  start(args: readonly string[], options?: StartOptions): Running;
  run(args: readonly string[], options?: StartOptions): Promise<Ended>;
  /** The calls of pnpm and turbo so far: `install`, `build`. */
  calls(): Promise<readonly string[]>;
  write(file: string, content: string): Promise<void>;
}

export async function makeCheckout(): Promise<Checkout> {
  const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-bootstrap-'));
  const write = async (file: string, content: string, mode = 0o644): Promise<void> => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content, { mode });
  };
  for (const name of ['run.cjs', 'load.cjs', 'src']) {
    await cp(path.join(bootstrap, name), path.join(folder, 'tooling/bootstrap', name), { recursive: true });
  }
  await write('package.json', JSON.stringify({ packageManager: 'pnpm@12.21.0' }));
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.mjs', 'tsconfig.base.json', 'turbo.json']) {
    await write(name, '');
  }
  await write('tooling/presets/tsup.ts', '');
  await write(
    'apps/gateway/package.json',
    JSON.stringify({ name: 'gateway', scripts: { build: 'x' }, dependencies: { left: '1' } }),
  );
  await write('apps/gateway/src/main.js', program);
  await write('fakes/pnpm.mjs', fakePnpm);
  await write('fakes/turbo.mjs', fakeTurbo);
  const script = `#!/bin/sh\nexec '${process.execPath}' '${folder}/fakes/pnpm.mjs' "$@"\n`;
  await write('.toolyard/pnpm-12.21.0/node_modules/pnpm/pnpm', script + '#'.repeat(1_000_001), 0o755);

  const running = new Set<Running>();
  const start = (args: readonly string[], options: StartOptions = {}): Running => {
    const one = launch(folder, args, options);
    running.add(one);
    return one;
  };
  return {
    folder,
    start,
    run: (args, options) => start(args, options).ended,
    calls: async () =>
      (await readFile(path.join(folder, 'calls.log'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    write,
    async [Symbol.asyncDispose]() {
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function launch(
  folder: string,
  args: readonly string[],
  { env, nodeFlags = [], script = 'tooling/bootstrap/run.cjs' }: StartOptions,
): Running {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'INIT_CWD');
  const child = spawn(process.execPath, [...nodeFlags, path.join(folder, script), ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const printed = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve(stdout);
      };
      child.stdout.on('data', look);
      child.once('close', () => reject(new Error(`ended without "${text}":\n${stdout}${stderr}`)));
      look();
    });
  return { child, ended, printed };
}
