import { isatty } from 'node:tty';

import { exitCodes } from './exit-codes.ts';
import { processTerminal } from './process-terminal.ts';
import type { Surroundings } from './surroundings.ts';

/** How long something that was left open may keep the process after its work is done. */
const lingerMs = 1_000;

/** What is done in threads that `exit` waits for, though the system may never be done with it: a file of a drive that is gone, a name that nobody resolves. */
const threadWork = /^(?:FSReq|GetAddrInfo|GetNameInfo)/;

/** The real process. `leave` is called once, last. */
export function processSurroundings(real: NodeJS.Process): Surroundings & { leave(): void } {
  const exit = (code: number): never => {
    const waits = real.getActiveResourcesInfo().some((name) => threadWork.test(name));
    // Nothing else ends a process with a code of its choice and those threads in it: another program takes its place, and ends.
    if (waits) real.execve?.(real.execPath, [real.execPath, '-e', `process.exit(${code})`], {});
    return real.exit(code);
  };
  const lost = new Set<(error: Error) => void>();
  real.stdout.on('error', (error: Error) => {
    if (lost.size > 0) return lost.forEach((listener) => listener(error));
    // Who reads our output may stop reading (`toolyard tools | head`): then nobody is left to write for.
    if ('code' in error && error.code === 'EPIPE') exit(Number(real.exitCode ?? exitCodes.ok));
    real.stderr.write(`The output could not be written: ${error.message}.\n`);
    exit(exitCodes.failed);
  });
  real.stderr.on('error', () => undefined);
  return {
    environment: real.env,
    cwd: real.cwd(),
    interactive: real.stderr.isTTY,
    terminal: real.stdout.isTTY ? processTerminal(real) : undefined,
    out: (text) => void real.stdout.write(`${text}\n`),
    err: (text) => void real.stderr.write(`${text}\n`),
    onSignal(listener) {
      real.on('SIGINT', listener);
      real.on('SIGTERM', listener);
      return () => {
        real.off('SIGINT', listener);
        real.off('SIGTERM', listener);
      };
    },
    onReload(listener) {
      if (real.platform === 'win32') return () => undefined;
      const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
      const heard = (): void => {
        // Whoever closes a window wants to end what runs in it.
        if (terminals.every((descriptor) => isatty(descriptor))) listener();
        else real.kill(real.pid, 'SIGTERM');
      };
      real.on('SIGHUP', heard);
      return () => void real.off('SIGHUP', heard);
    },
    onToggle(listener) {
      if (real.platform === 'win32') return () => undefined;
      real.on('SIGUSR2', listener);
      return () => void real.off('SIGUSR2', listener);
    },
    onCrash(listener) {
      real.on('uncaughtException', listener);
      real.on('unhandledRejection', listener);
      return () => {
        real.off('uncaughtException', listener);
        real.off('unhandledRejection', listener);
      };
    },
    onWarning(listener) {
      // Node's own listener writes them; where nobody wants any, there is none.
      const [writes] = real.listeners('warning').filter(({ name }) => name === 'onWarning');
      if (writes === undefined) return () => undefined;
      const disabled = disabledWarnings(real);
      const heard = (warning: Error): void => {
        const code = 'code' in warning ? warning.code : undefined;
        if (![warning.name, code].some((word) => typeof word === 'string' && disabled.has(word))) listener(warning);
      };
      real.off('warning', writes);
      real.on('warning', heard);
      return () => {
        real.off('warning', heard);
        real.on('warning', writes);
      };
    },
    onOutputLost(listener) {
      lost.add(listener);
      return () => void lost.delete(listener);
    },
    exit,
    leave: () => void setTimeout(() => exit(Number(real.exitCode ?? exitCodes.ok)), lingerMs).unref(),
  };
}

/** Names and codes that `--disable-warning` has, which only Node's own listener heeds. */
function disabledWarnings({ execArgv, env }: NodeJS.Process): ReadonlySet<string> {
  const options = [...execArgv, env['NODE_OPTIONS'] ?? ''].join(' ');
  return new Set([...options.matchAll(/--disable-warning[= ]"?([^\s"]+)/g)].map(([, word = '']) => word));
}
