import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StartOptions, startTarget, type Target } from '../processes/start-target.ts';
import { programs } from './places.ts';

/** What the gateway is configured with: one definition for each id, and the settings of `orchestration`. */
export interface GatewaySetting {
  readonly servers: Readonly<Record<string, object>>;
  readonly orchestration?: object;
  /** For Node, before the program. */
  readonly nodeArgs?: readonly string[];
}

/** All that one run of the bench started; ends with it. */
export interface BenchYard extends AsyncDisposable {
  /** A temporary folder. */
  readonly folder: string;
  /** Targets run on core 0; what stands for clients and servers on core 1. */
  start(core: 0 | 1, args: readonly string[], options?: StartOptions): Promise<Target>;
  writeJson(name: string, value: object): Promise<string>;
  startGateway(setting: GatewaySetting, options?: StartOptions): Promise<Target>;
  /** The arguments for Node that run the gateway, such as `up FILE`. */
  gatewayArgs(setting: GatewaySetting): Promise<readonly string[]>;
  /** Nothing but the gateway's own folder and level of the log is set. */
  readonly gatewayEnv: Readonly<Record<string, string>>;
}

export async function openBenchYard(): Promise<BenchYard> {
  const folder = await mkdtemp(join(tmpdir(), 'toolyard-bench-'));
  await using opening = new AsyncDisposableStack();
  // On a signal nothing is disposed of.
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  opening.defer(async () => {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeAtExit);
  });
  const stack = opening.move();
  let files = 0;
  const gatewayEnv = { TOOLYARD_DATA: folder };
  const writeJson = async (name: string, value: object): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, JSON.stringify(value));
    return file;
  };
  const gatewayArgs = async ({ servers, orchestration = {}, nodeArgs = [] }: GatewaySetting) => {
    const file = await writeJson(`gateway-${(files += 1)}.yaml`, { servers, orchestration });
    return [...nodeArgs, programs.gateway, 'up', file];
  };
  const start = async (core: 0 | 1, args: readonly string[], options?: StartOptions): Promise<Target> =>
    stack.use(await startTarget(core, args, options));
  return {
    folder,
    start,
    writeJson,
    gatewayArgs,
    gatewayEnv,
    startGateway: async (setting, options = {}) =>
      start(0, [...(await gatewayArgs(setting)), '--port', '0'], {
        ...options,
        env: { ...gatewayEnv, ...options.env },
      }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
