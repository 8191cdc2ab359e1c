import type { Terminal } from './surroundings.ts';

/** The terminal of the real process. */
export function processTerminal({ stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'>): Terminal {
  return {
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    write: (text) => void stdout.write(text),
    onKey(listener) {
      if (!stdin.isTTY) return () => undefined;
      const read = (keys: string): void => {
        for (const key of keys) listener(key);
      };
      stdin.setRawMode(true).setEncoding('utf8').on('data', read);
      return () => {
        stdin.off('data', read).setRawMode(false).pause();
      };
    },
    onResize(listener) {
      stdout.on('resize', listener);
      return () => void stdout.off('resize', listener);
    },
  };
}
