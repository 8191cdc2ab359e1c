import { createHash } from 'crypto';
import fs from 'fs';
import path from 'path';
import { run } from './child.mjs';
import { damage, deepDamage, listFiles } from './damage.mjs';
import { causeOf, diagnose } from './diagnosis.mjs';
import { installEnvironment, pnpmFolder, registryAnswers } from './pnpm.mjs';
import { pinnedNode, readJson, readNote, workspaceFolders, writeNote } from './repository.mjs';
import { say, sayIfSlow } from './trouble.mjs';

const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
const INSTALL_FILES = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.mjs'];

/** Whether what is installed is what the lockfile and the manifests ask for, and whole. A few milliseconds. */
export function isInstalled(root) {
  const note = readNote(root, 'install');
  return note !== undefined && note.wanted === wanted(root) && damage(root) === undefined;
}

/** Installs from the lockfile. A damaged install is thrown away first; the store on this machine makes that quick. */
export async function install(root) {
  const pnpm = await sayIfSlow('Fetching pnpm.', () => pnpmFolder(root));
  const broken = readNote(root, 'install') === undefined ? undefined : deepDamage(root);
  if (broken !== undefined) {
    say(`The install is damaged (${broken}); installing again.`);
    removeInstall(root);
  }
  const outcome = await attemptTwice(root, pnpm);
  if (outcome.trouble !== undefined) throw diagnose(outcome.output, `Installing failed: ${outcome.trouble}`);
  writeNote(root, 'files', listFiles(root));
  writeNote(root, 'install', { wanted: wanted(root) });
}

/** Makes the next command install anew. */
export function distrustInstall(root) {
  writeNote(root, 'install', {});
}

/** A failure of the network is worth a second try only if the registry answers, and one without a known cause only from nothing. */
async function attemptTwice(root, pnpm) {
  const outcome = await attempt(root, pnpm, 1);
  if (outcome.trouble === undefined) return outcome;
  const cause = causeOf(outcome.output);
  if (cause === 'network' && (await registryAnswers(root))) return attempt(root, pnpm, 5);
  if (cause !== undefined) return outcome;
  removeInstall(root);
  return attempt(root, pnpm, 2);
}

async function attempt(root, pnpm, retries) {
  const args = ['install', '--frozen-lockfile', '--prod=false', '--reporter=append-only'];
  const env = { ...installEnvironment(root), CI: 'true' };
  const settings = {
    confirmModulesPurge: false,
    ignoreScripts: false,
    nodeLinker: 'isolated',
    fetchRetries: retries,
    fetchRetryMintimeout: 500,
    fetchRetryMaxtimeout: 4000,
    ...(env.npm_config_registry === undefined ? {} : { registry: env.npm_config_registry }),
  };
  const flags = Object.entries(settings).map(([name, value]) => `--config.${name}=${value}`);
  const { code, output } = await sayIfSlow('Installing; the first time this takes a minute.', () =>
    run(path.join(pnpm, 'pnpm'), [...args, ...flags], { cwd: root, env }),
  );
  if (code !== 0) return { trouble: `pnpm ended with ${code}`, output };
  const broken = damage(root);
  if (broken !== undefined) return { trouble: broken, output };
  const node = await run(pinnedNode(root), ['--version']);
  return node.code === 0 ? {} : { trouble: 'the pinned Node does not run', output: `${output}\n${node.output}` };
}

function removeInstall(root) {
  for (const folder of workspaceFolders(root))
    fs.rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true });
}

function wanted(root) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const name of INSTALL_FILES) hash.update(fs.readFileSync(path.join(root, name)));
  for (const folder of workspaceFolders(root)) {
    const manifest = readJson(path.join(folder, 'package.json'));
    const fields = [...DEPENDENCY_FIELDS, 'packageManager', 'pnpm'].map((field) => manifest[field]);
    hash.update(JSON.stringify([path.relative(root, folder), ...fields]));
  }
  return hash.digest('hex');
}
