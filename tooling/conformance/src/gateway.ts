import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Running, startUntilReady } from './process.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** How the gateway is started: what was built, or straight from the sources while one works on them. */
export function gatewayProgram(fromSource: boolean): readonly string[] {
  if (!fromSource) return [here('../../../apps/gateway/dist/main.js')];
  const flags = ['--experimental-transform-types', '--no-warnings', '--conditions=@toolyard/source'];
  return [...flags, here('../../../apps/gateway/src/main.ts')];
}

export type FixtureTarget = { readonly url: string } | { readonly command: string; readonly args: readonly string[] };

/** Starts a gateway in front of one server, without prefixes: the suite looks for its fixtures by fixed names. `file`: where its configuration goes. */
export async function startGateway(program: readonly string[], target: FixtureTarget, file: string): Promise<Running> {
  const configuration = { servers: { fixture: target }, orchestration: { naming: 'flat' } };
  await writeFile(file, JSON.stringify(configuration, null, 2));
  return await startUntilReady([...program, 'up', file, '--port', '0']);
}
