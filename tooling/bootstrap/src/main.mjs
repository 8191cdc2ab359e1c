import path from 'path';
import { pathToFileURL } from 'url';
import { build, BuildTrouble, isBuilt, toolEnvironment } from './build.mjs';
import { become } from './child.mjs';
import { deepDamage } from './damage.mjs';
import { distrustInstall, install, isInstalled } from './install.mjs';
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
    const code = await become(program, args, { cwd, env: await toolEnvironment(repositoryRoot) });
    if (code !== 0) explainDamage();
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
    if (scope !== undefined && !isBuilt(repositoryRoot, scope)) await buildOrRepair(scope);
  });
}

/** A build that fails because the install lost something is tried again on a new one. */
async function buildOrRepair(scope) {
  try {
    await build(repositoryRoot, scope);
  } catch (error) {
    if (!(error instanceof BuildTrouble) || deepDamage(repositoryRoot) === undefined) throw error;
    await install(repositoryRoot);
    await build(repositoryRoot, scope);
  }
}

function explainDamage() {
  const broken = deepDamage(repositoryRoot);
  if (broken === undefined) return;
  distrustInstall(repositoryRoot);
  say(`The install was damaged (${broken}): run the command again, and it installs anew.`);
}

function tool([name, ...argv]) {
  return [path.join(repositoryRoot, 'node_modules', '.bin', name), ...argv];
}

function node([script, ...argv]) {
  const preload = pathToFileURL(path.join(repositoryRoot, 'tooling', 'bootstrap', 'src', 'preload.mjs')).href;
  return [pinnedNode(repositoryRoot), '--import', preload, path.join(repositoryRoot, script), ...argv];
}
