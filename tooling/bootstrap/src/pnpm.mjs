import fs from 'fs';
import path from 'path';
import { run } from './child.mjs';
import { diagnose } from './diagnosis.mjs';
import { list, readJson, stateFolder } from './repository.mjs';

/**
 * The folder with the `pnpm` that package.json names; fetches it with the npm at hand if it is not there.
 *
 * A plain `npm install` into a folder of its own: it works in every npm, where `npx` differs from one to the next.
 */
export async function pnpmFolder(root) {
  const { packageManager } = readJson(path.join(root, 'package.json'));
  const [name, version] = packageManager.split('+')[0].split('@');
  const home = path.join(stateFolder(root), `${name}-${version}`);
  if (!works(home)) await fetchPnpm(root, home, `${name}@${version}`);
  return path.join(home, 'node_modules', 'pnpm');
}

function works(home) {
  try {
    const { size, mode } = fs.statSync(path.join(home, 'node_modules', 'pnpm', 'pnpm'));
    return size > 1_000_000 && (mode & 0o100) !== 0;
  } catch {
    return false;
  }
}

async function fetchPnpm(root, home, spec) {
  const draft = `${home}.${process.pid}`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true });
  fs.writeFileSync(path.join(draft, 'package.json'), '{ "private": true }\n');
  try {
    const args = [
      'install',
      spec,
      '--prefix',
      draft,
      '--loglevel=error',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
    ];
    const [npm, ...first] = npmCommand();
    const { code, output } = await run(npm, [...first, ...args], { cwd: draft, env: installEnvironment(root) });
    if (code !== 0) throw diagnose(output, `Getting ${spec} with npm failed`);
    linkNative(draft);
    if (!works(draft)) throw diagnose(output, `npm installed ${spec}, but it does not run here`);
    fs.rmSync(home, { recursive: true, force: true });
    fs.renameSync(draft, home);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/** pnpm's own install script puts the native program in place; where the machine forbids such scripts, this does. */
function linkNative(draft) {
  if (works(draft)) return;
  const scope = path.join(draft, 'node_modules', '@pnpm');
  const glibc = list(scope).find((name) => name.startsWith('exe.') && !name.endsWith('-musl'));
  if (glibc === undefined) return;
  const target = path.join(draft, 'node_modules', 'pnpm', 'pnpm');
  fs.rmSync(target, { force: true });
  fs.copyFileSync(path.join(scope, glibc, 'pnpm'), target);
  fs.chmodSync(target, 0o755);
}

/** Whether the machine's npm reaches its registry. */
export async function registryAnswers(root) {
  const [npm, ...first] = npmCommand();
  const { code } = await run(npm, [...first, 'view', 'pnpm', 'name'], { env: installEnvironment(root) });
  return code === 0;
}

/** The npm that runs us, or else the one on the PATH. */
function npmCommand() {
  const { npm_execpath: running } = process.env;
  return running !== undefined && running.endsWith('npm-cli.js') && fs.existsSync(running)
    ? [process.execPath, running]
    : ['npm'];
}

/**
 * A folder with an `npm` that is the one at hand, for install scripts that call it by name.
 *
 * Another npm may come first on the PATH, for another Node than the one that runs.
 */
function npmShim(root) {
  const folder = path.join(stateFolder(root), 'bin');
  const [npm, ...first] = npmCommand();
  fs.mkdirSync(folder, { recursive: true });
  const shim = path.join(folder, 'npm');
  if (first.length === 0) {
    fs.rmSync(shim, { force: true });
  } else {
    const words = [npm, ...first].map((word) => `'${word.replaceAll("'", String.raw`'\\''`)}'`);
    fs.writeFileSync(shim, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
  }
  return folder;
}

/** What the machine's own settings may not change: what is installed, and where. Registry, proxy and credentials stay the machine's. */
export function installEnvironment(root) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (
      /^npm_config_(local_prefix|prefix|workspaces?|production|only|omit|dry_run|global|location|before|loglevel)$/i.test(
        name,
      )
    )
      delete env[name];
  }
  delete env.NODE_ENV;
  delete env.NODE_OPTIONS;
  return {
    ...env,
    PATH: [npmShim(root), path.dirname(process.execPath), env.PATH].join(path.delimiter),
    npm_config_ignore_scripts: 'false',
    npm_config_engine_strict: 'false',
    npm_config_global: 'false',
    npm_config_dry_run: 'false',
    npm_config_optional: 'true',
    npm_config_include: 'optional',
    npm_config_fetch_retries: '2',
    npm_config_fetch_retry_mintimeout: '500',
    npm_config_fetch_retry_maxtimeout: '4000',
    npm_config_update_notifier: 'false',
  };
}
