import fs from 'fs';
import os from 'os';
import path from 'path';
import { stateFolder } from './repository.mjs';
import { say, Trouble } from './trouble.mjs';

const POLL_MS = 100;
const SAY_AFTER_MS = 2000;
/** The holder touches its file this often; one that is not touched for `STALE_MS` was left by a process that is gone. */
const BEAT_MS = 2000;
const STALE_MS = 30_000;

/** Runs `work` while no other bootstrap of this checkout installs or builds. Waits as long as the other one lives. */
export async function withLock(root, work) {
  const file = lockFile(root);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const started = Date.now();
  let said = false;
  while (!take(file)) {
    if (!removeStale(file) && !said && Date.now() - started > SAY_AFTER_MS) {
      said = true;
      say('Waiting for another command that installs or builds in this checkout.');
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const beat = setInterval(() => touch(file), BEAT_MS);
  const release = () => fs.rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener('exit', release);
    release();
  }
}

export function isLocked(root) {
  const owner = read(lockFile(root));
  return owner !== undefined && !isStale(owner);
}

function lockFile(root) {
  return path.join(stateFolder(root), 'lock');
}

/** The lock appears whole, with its owner in it: it is written aside and linked into place. */
function take(file) {
  const draft = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(draft, JSON.stringify({ pid: process.pid, host: os.hostname() }));
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new Trouble(
      `${path.dirname(file)} cannot be written (${error.code}): make the checkout writable and run the command again.`,
    );
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Only who holds the second lock may remove the first, so that nobody removes one that was taken a moment ago. */
function removeStale(file) {
  const owner = read(file);
  if (owner === undefined || !isStale(owner)) return false;
  const broom = `${file}.broom`;
  const held = read(broom);
  if (held !== undefined && isStale(held)) fs.rmSync(broom, { force: true });
  if (!take(broom)) return false;
  try {
    const still = read(file);
    if (still !== undefined && isStale(still)) fs.rmSync(file, { force: true });
  } finally {
    fs.rmSync(broom, { force: true });
  }
  return true;
}

function read(file) {
  try {
    const { mtimeMs } = fs.statSync(file);
    let owner = {};
    try {
      owner = JSON.parse(fs.readFileSync(file, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return undefined;
    }
    return { ...owner, mtimeMs };
  } catch {
    return undefined;
  }
}

function isStale({ pid, host, mtimeMs }) {
  if (typeof pid !== 'number' || (host === os.hostname() && !isAlive(pid))) return true;
  return Date.now() - mtimeMs > STALE_MS;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function touch(file) {
  const now = new Date();
  try {
    fs.utimesSync(file, now, now);
  } catch {
    // Someone deleted the state folder: nothing is left to keep fresh.
  }
}
