import path from 'path';
import { pathToFileURL } from 'url';
import { build, isBuilt, toolEnvironment } from './build.mjs';
import { become } from './child.mjs';
import { install, isInstalled } from './install.mjs';
import { isLocked, withLock } from './lock.mjs';
import { requirePlatform } from './platform.mjs';
import { pinnedNode, repositoryRoot } from './repository.mjs';
import { say, Trouble } from './trouble.mjs';

const GATEWAY = ['apps/gateway/dist/main.js'];

/**
 * What each npm script needs to be built, and what it starts. `node` starts a script; `tool` one of the installed tools, `built` one that
 * wants everything built.
 */
const VERBS = {
  start: { scope: 'gateway', command: (argv) => node([...GATEWAY, 'up', 'apps/gateway/toolyard.yaml', ...argv]) },
  toolyard: { scope: 'gateway', command: (argv) => node([...GATEWAY, ...argv]), keepsFolder: true },
  test: { command: (argv) => node(['tooling/checks/src/main.ts', ...argv]) },
  build: { scope: 'all' },
  node: { scope: 'all', command: node },
  tool: { command: tool },
  built: { scope: 'all', command: tool },
};

/** Installs and builds what the verb needs, then becomes the program. Sets the exit code. */
export async function main([verb, ...argv]) {
  try {
    requirePlatform();
    const { scope, command, keepsFolder = false } = VERBS[verb];
    await makeReady(scope);
    if (command === undefined) return;
    const [program, ...args] = command(argv);
    const cwd = keepsFolder ? (process.env.INIT_CWD ?? process.cwd()) : repositoryRoot;
    await become(program, args, { cwd, env: await toolEnvironment(repositoryRoot) });
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (error.output !== undefined) process.stderr.write(`${error.output.trimEnd()}\n`);
    say(error.message);
    process.exitCode = 1;
  }
}

async function makeReady(scope) {
  const ready = () => isInstalled(repositoryRoot) && (scope === undefined || isBuilt(repositoryRoot, scope));
  if (!isLocked(repositoryRoot) && ready()) return;
  await withLock(repositoryRoot, async () => {
    if (!isInstalled(repositoryRoot)) await install(repositoryRoot);
    if (scope !== undefined && !isBuilt(repositoryRoot, scope)) await build(repositoryRoot, scope);
  });
}

function tool([name, ...argv]) {
  return [path.join(repositoryRoot, 'node_modules', '.bin', name), ...argv];
}

function node([script, ...argv]) {
  const preload = pathToFileURL(path.join(repositoryRoot, 'tooling', 'bootstrap', 'src', 'preload.mjs')).href;
  return [pinnedNode(repositoryRoot), '--import', preload, path.join(repositoryRoot, script), ...argv];
}
