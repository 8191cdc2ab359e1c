import { exitCodes } from './exit-codes.ts';
import { processTerminal } from './process-terminal.ts';
import type { Surroundings } from './surroundings.ts';

/** How long something that was left open may keep the process after its work is done. */
const lingerMs = 1_000;

/** The real process. `leave` is called once, last. */
export function processSurroundings(real: NodeJS.Process): Surroundings & { leave(): void } {
  // Who reads our output may stop reading (`toolyard tools | head`): then nobody is left to write for.
  real.stdout.on('error', (error: Error) => {
    if ('code' in error && error.code === 'EPIPE') real.exit();
    real.stderr.write(`The output could not be written: ${error.message}.\n`);
    real.exit(exitCodes.failed);
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
    exit: (code) => real.exit(code),
    leave: () => void setTimeout(() => real.exit(), lingerMs).unref(),
  };
}
