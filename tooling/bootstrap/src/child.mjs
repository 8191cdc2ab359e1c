import { spawn } from 'child_process';

/** Ctrl-C and `kill` while a child works go to the child; how it ends is how we end. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const NPM_WATCH_MS = 500;

/**
 * Runs a program to its end and keeps what it prints.
 *
 * @returns `{ code, signal, output }`; `code` is 127 with the reason as output if the program could not be started.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const chunks = [];
    const keep = (chunk) => chunks.push(chunk);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const stop = forwardSignals(child);
    child.once('error', (error) => {
      stop();
      resolve({ code: 127, signal: null, output: String(error) });
    });
    child.once('close', (code, signal) => {
      const interrupted = stop();
      if (interrupted !== undefined) endLike(null, interrupted);
      resolve({ code, signal, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/**
 * Hands this process over to a program: same stdio, same terminal group, signals passed on, same end.
 *
 * A terminal sends Ctrl-C to the whole group, npm sends it again to its child, and we forward what we get. The program would stop at once on
 * the second one, so `preload` makes one of them there. The IPC channel tells the program when this process is gone.
 *
 * @returns the exit code, which is this process's too; a signal ends this process.
 */
export function become(command, args, options) {
  const child = spawn(command, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], ...options });
  const stopForwarding = forwardSignals(child);
  const stopWatching = watchNpm(child);
  const stop = () => {
    stopForwarding();
    stopWatching();
  };
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      stop();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      stop();
      if (child.connected) child.disconnect();
      endLike(code, signal);
      resolve(code);
    });
  });
}

function forwardSignals(child) {
  let last;
  const handlers = FORWARDED.map((signal) => {
    const handler = () => {
      last = signal;
      child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  return () => {
    for (const [signal, handler] of handlers) process.removeListener(signal, handler);
    return last;
  };
}

/** An npm that is killed outright forwards nothing: that it is gone ends the program. */
function watchNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return () => undefined;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, NPM_WATCH_MS);
  return () => clearInterval(timer);
}

function endLike(code, signal) {
  if (signal === null) {
    process.exitCode = code;
    return;
  }
  process.kill(process.pid, signal);
}
